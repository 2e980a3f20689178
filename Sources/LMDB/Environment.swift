import CLMDB
import Glibc
import Synchronization

/// One LMDB environment: a directory with a data file and a lock file.
///
/// ```swift
/// let environment = try Environment(path: "shard-000", options: .init(mapSizeBytes: 1 << 36))
/// let blocks = try environment.write { transaction throws(LMDBError) in
///   try transaction.database("blocks", create: true)
/// }
/// try environment.read { transaction throws(LMDBError) in try transaction.get(key, in: blocks) }
/// ```
///
/// Always NOTLS (read transactions may move between threads), never WRITEMAP (a full disk would be a SIGBUS), never
/// NOSYNC or NOMETASYNC, never NOMEMINIT. The map is reserved large and costs address space only.
///
/// Threads: every method may be called from any thread; a write blocks until the one write transaction that an
/// environment can have is free.
public final class Environment: @unchecked Sendable {
  // `handle` is set once in `init` and cleared in `close` under `gate`; liblmdb itself is thread-safe with NOTLS.

  public struct Options: Sendable {
    public var mapSizeBytes: Int
    public var readersMax: UInt32
    public var databasesMax: UInt32
    public var readOnly: Bool
    /// Where false, a data file that is absent or empty is refused; liblmdb itself would begin a new one in its place.
    public var create: Bool
    /// What is found sound before liblmdb follows it.
    public var checkedPages: PageScope
    public init(
      mapSizeBytes: Int, readersMax: UInt32 = 1024, databasesMax: UInt32 = 16, readOnly: Bool = false,
      create: Bool = true, checkedPages: PageScope = .keys(leavesMax: Environment.leavesMax)
    ) {
      self.mapSizeBytes = mapSizeBytes
      self.readersMax = readersMax
      self.databasesMax = databasesMax
      self.readOnly = readOnly
      self.create = create
      self.checkedPages = checkedPages
    }
  }

  public let path: String
  let handle: OpaquePointer
  private let identity: EnvironmentRegistry.FileIdentity
  let gate = MapGate()
  /// Reader slots of dead processes that opening freed.
  public let staleReadersCleared: Int
  private let hasEnded = Mutex(false)
  let isClosing = Mutex(false)
  let hasUnread = Mutex(false)
  /// Of larger trees opening looks at the branches alone.
  public static let leavesMax = 4_096

  /// Opens, and creates where absent and allowed, the environment in the directory `path`, which must exist.
  ///
  /// Clears reader slots of dead processes. Throws `openTwice`, `unsafeFileSystem`, `truncated`, `empty`, `damaged`, or
  /// liblmdb's codes.
  public init(path: String, options: Options) throws(LMDBError) {
    self.path = path
    if FileSystem.isNetwork(path) { throw LMDBError(.unsafeFileSystem, call: "open", path: path) }
    let dataPath = path + "/data.mdb"
    EnvironmentRegistry.beginOpening()
    defer { EnvironmentRegistry.endOpening() }
    // Checked before liblmdb opens the file: its own close on failure would drop the locks of the first open.
    if let identity = EnvironmentRegistry.FileIdentity(path: dataPath), EnvironmentRegistry.contains(identity) {
      throw LMDBError(.openTwice, call: "open", path: path)
    }
    try Self.refuseDamaged(dataPath, path, create: options.create)

    var environment: OpaquePointer?
    try Self.check(mdb_env_create(&environment), "mdb_env_create", path)
    guard let environment else { throw LMDBError(.system(errno: ENOMEM), call: "mdb_env_create", path: path) }
    do throws(LMDBError) {
      try Self.check(mdb_env_set_mapsize(environment, options.mapSizeBytes), "mdb_env_set_mapsize", path)
      try Self.check(mdb_env_set_maxreaders(environment, options.readersMax), "mdb_env_set_maxreaders", path)
      try Self.check(mdb_env_set_maxdbs(environment, options.databasesMax), "mdb_env_set_maxdbs", path)
      let flags = UInt32(MDB_NOTLS) | UInt32(MDB_NORDAHEAD) | (options.readOnly ? UInt32(MDB_RDONLY) : 0)
      try Self.check(mdb_env_open(environment, path, flags, 0o600), "mdb_env_open", path)
    } catch {
      mdb_env_close(environment)
      throw error
    }
    guard let identity = EnvironmentRegistry.FileIdentity(path: dataPath),
      EnvironmentRegistry.register(identity)
    else {
      mdb_env_close(environment)
      throw LMDBError(.openTwice, call: "open", path: path)
    }
    self.identity = identity
    handle = environment
    var dead: Int32 = 0
    let status = mdb_reader_check(environment, &dead)
    staleReadersCleared = Int(dead)
    // Nothing that a reader does is to last.
    if !options.readOnly { FileSystem.syncDirectory(path) }
    try check(status, "mdb_reader_check")
    try refuseDamagedPages(options.checkedPages)
    if case .keys(_, let unread) = options.checkedPages { hasUnread.withLock { $0 = !unread.isEmpty } }
  }

  deinit { end() }

  /// Ends the environment; later calls trap. While transactions of this process are open it ends with the last of them.
  public func close() {
    isClosing.withLock { $0 = true }
    if gate.isIdle { end() }
  }

  /// Ends a transaction's stay in the gate.
  func leave() {
    if gate.leave(), isClosing.withLock({ $0 }) { end() }
  }

  func requireOpen() { precondition(!hasEnded.withLock { $0 }, "\(path) has been closed") }

  private func end() {
    let first = hasEnded.withLock { ended in
      defer { ended = true }
      return !ended
    }
    guard first else { return }
    mdb_env_close(handle)
    EnvironmentRegistry.unregister(identity)
  }

  /// Frees the reader slots of processes that have died; returns how many.
  @discardableResult
  public func clearStaleReaders() throws(LMDBError) -> Int {
    requireOpen()
    var dead: Int32 = 0
    try check(mdb_reader_check(handle, &dead), "mdb_reader_check")
    return Int(dead)
  }

  /// A page pointer beyond the end of a shortened file is a SIGBUS, so the length is compared before the map is read.
  private static func refuseDamaged(_ dataPath: String, _ path: String, create: Bool) throws(LMDBError) {
    var status = stat()
    guard stat(dataPath, &status) == 0, status.st_size > 0 else {
      if create { return }
      throw LMDBError(.empty, call: "open", path: path)
    }
    let descriptor = Glibc.open(dataPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LMDBError(.system(errno: errno), call: "open", path: path) }
    defer { Glibc.close(descriptor) }
    if DataFile.isTruncated(descriptor: descriptor) { throw LMDBError(.truncated, call: "open", path: path) }
    if MetaPages.isForeign(descriptor: descriptor) {
      throw LMDBError(.notAnEnvironment, call: "open", path: path)
    }
    if !DataFile.hasSoundMetaPages(descriptor: descriptor) {
      throw LMDBError(.damaged("its first two pages are not LMDB's"), call: "open", path: path)
    }
  }

  func check(_ status: Int32, _ call: String) throws(LMDBError) { try Self.check(status, call, path) }

  static func check(_ status: Int32, _ call: String, _ path: String) throws(LMDBError) {
    guard status != MDB_SUCCESS else { return }
    let code = LMDBError.code(for: status)
    // A short write on a full disk reaches us as EIO.
    if code == .system(errno: EIO), FileSystem.isFull(path) { throw LMDBError(.diskFull, call: call, path: path) }
    throw LMDBError(code, call: call, path: path)
  }
}
