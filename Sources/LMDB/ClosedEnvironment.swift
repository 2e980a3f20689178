import CLMDB
import Glibc

/// An environment that nobody has open, and that nobody opens while this lives: its data file may be replaced.
///
/// liblmdb holds a shared lock on the first byte of `lock.mdb` for as long as it has an environment open, so whoever
/// takes that byte alone knows that nobody does.
public final class ClosedEnvironment: @unchecked Sendable {
  // Everything is set once in `init`.
  public let path: String
  private let lock: Int32
  private let identity: EnvironmentRegistry.FileIdentity
  private var dataFile: String { path + "/data.mdb" }
  /// A compaction that was killed leaves this behind.
  public static let unfinishedName = "data.mdb.compacting"

  /// `nil`: some process has the environment open.
  public init?(path: String) throws(LMDBError) {
    self.path = path
    // Between another thread's look at the registry and its own entry there, its locks must not be dropped.
    EnvironmentRegistry.beginOpening()
    defer { EnvironmentRegistry.endOpening() }
    guard let identity = EnvironmentRegistry.FileIdentity(path: path + "/data.mdb") else {
      throw LMDBError(.empty, call: "open", path: path)
    }
    // The kernel's lock keeps out other processes only, and closing its file would drop what liblmdb holds here.
    guard EnvironmentRegistry.register(identity) else { return nil }
    self.identity = identity
    lock = open(path + "/lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw LMDBError(.system(errno: errno), call: "open lock.mdb", path: path) }
    var firstByte = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 1, l_pid: 0)
    if fcntl(lock, F_SETLK, &firstByte) != 0 {
      guard errno == EACCES || errno == EAGAIN else {
        throw LMDBError(.system(errno: errno), call: "lock", path: path)
      }
      return nil
    }
  }

  deinit {
    if lock >= 0 { close(lock) }
    EnvironmentRegistry.unregister(identity)
  }

  /// Replaces the data file by a copy without free pages; returns the lengths of both. A crash leaves the old file or
  /// the new one.
  ///
  /// The environment has been opened and closed before, which refuses a file that is shorter than its header says.
  public func compact() throws(LMDBError) -> (bytesBefore: Int, bytesAfter: Int) {
    let unfinished = path + "/" + Self.unfinishedName
    unlink(unfinished)
    let before = try size(dataFile)
    do throws(LMDBError) {
      let old = try entries(path, flags: 0) { handle throws(LMDBError) in
        try Environment.copy(handle, path, to: unfinished, flags: UInt32(MDB_CP_COMPACT))
      }
      let new = try entries(unfinished, flags: UInt32(MDB_NOSUBDIR)) { _ throws(LMDBError) in }
      guard old == new else { throw LMDBError(.corrupted, call: "compare the compacted copy", path: path) }
      guard rename(unfinished, dataFile) == 0 else {
        throw LMDBError(.system(errno: errno), call: "rename", path: path)
      }
    } catch {
      unlink(unfinished)
      throw error
    }
    FileSystem.syncDirectory(path)
    return (before, try size(dataFile))
  }

  /// Runs `body` on the environment opened without liblmdb's own locks; returns the number of entries by database.
  private func entries(
    _ place: String, flags: UInt32, _ body: (OpaquePointer) throws(LMDBError) -> Void
  ) throws(LMDBError) -> [String: Int] {
    var handle: OpaquePointer?
    try Environment.check(mdb_env_create(&handle), "mdb_env_create", place)
    guard let handle else { throw LMDBError(.system(errno: ENOMEM), call: "mdb_env_create", path: place) }
    defer { mdb_env_close(handle) }
    try Environment.check(mdb_env_set_maxdbs(handle, Self.databasesMax), "mdb_env_set_maxdbs", place)
    try Environment.check(
      mdb_env_open(handle, place, flags | UInt32(MDB_NOLOCK | MDB_RDONLY), 0o600), "mdb_env_open", place)
    try body(handle)

    var transaction: OpaquePointer?
    try Environment.check(mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction), "mdb_txn_begin", place)
    defer { mdb_txn_abort(transaction) }
    var main: MDB_dbi = 0
    try Environment.check(mdb_dbi_open(transaction, nil, 0, &main), "mdb_dbi_open", place)
    var cursor: OpaquePointer?
    try Environment.check(mdb_cursor_open(transaction, main, &cursor), "mdb_cursor_open", place)
    defer { mdb_cursor_close(cursor) }
    var counts: [String: Int] = [:]
    var (key, value) = (MDB_val(), MDB_val())
    while mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS {
      let name = String(decoding: UnsafeRawBufferPointer(key), as: UTF8.self)
      var (database, statistics): (MDB_dbi, MDB_stat) = (0, MDB_stat())
      try Environment.check(mdb_dbi_open(transaction, name, 0, &database), "mdb_dbi_open \(name)", place)
      try Environment.check(mdb_stat(transaction, database, &statistics), "mdb_stat", place)
      counts[name] = statistics.ms_entries
    }
    return counts
  }

  private static let databasesMax: UInt32 = 64

  private func size(_ file: String) throws(LMDBError) -> Int {
    var status = stat()
    guard stat(file, &status) == 0 else { throw LMDBError(.system(errno: errno), call: "stat", path: file) }
    return Int(status.st_size)
  }
}
