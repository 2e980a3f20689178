import CLMDB
import Glibc

extension Environment {
  /// How the map and the reader table are used.
  public struct Usage: Sendable, Equatable {
    public var pageSizeBytes: Int
    public var mapSizeBytes: Int
    /// Pages in use or free for reuse: the length of the file.
    public var pages: Int
    public var readerSlotsUsed: Int
    public var readersMax: Int
    public var lastTransaction: Int
  }

  public func usage() throws(LMDBError) -> Usage {
    requireOpen()
    var info = MDB_envinfo()
    var statistics = MDB_stat()
    try check(mdb_env_info(handle, &info), "mdb_env_info")
    try check(mdb_env_stat(handle, &statistics), "mdb_env_stat")
    return Usage(
      pageSizeBytes: Int(statistics.ms_psize), mapSizeBytes: info.me_mapsize, pages: info.me_last_pgno + 1,
      readerSlotsUsed: Int(info.me_numreaders), readersMax: Int(info.me_maxreaders), lastTransaction: info.me_last_txnid
    )
  }

  /// Sets a larger map, once every transaction of this process on the environment has ended; `nil` takes over the size
  /// that another process has set. Throws `mapResized` when some stayed open for `timeoutSeconds`.
  public func grow(toBytes size: Int?, timeoutSeconds: Double = 30) throws(LMDBError) {
    requireOpen()
    var status = MDB_SUCCESS
    let ran = gate.alone(timeoutSeconds: timeoutSeconds) { status = mdb_env_set_mapsize(handle, size ?? 0) }
    guard ran else { throw LMDBError(.mapResized, call: "mdb_env_set_mapsize", path: path) }
    try check(status, "mdb_env_set_mapsize")
  }

  /// The transaction numbers that living readers pin, oldest first, with the process of each.
  public func readers() throws(LMDBError) -> [(process: Int32, transaction: Int)] {
    requireOpen()
    final class Lines { var text = "" }
    let lines = Lines()
    let status = mdb_reader_list(
      handle,
      { message, context in
        let lines = Unmanaged<Lines>.fromOpaque(context!).takeUnretainedValue()
        lines.text += String(cString: message!)
        return 0
      }, Unmanaged.passUnretained(lines).toOpaque())
    if status < 0 { try check(status, "mdb_reader_list") }
    return lines.text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count >= 3, let process = Int32(words[0]), let transaction = Int(words[2]) else { return nil }
      return (process, transaction)
    }.sorted { $0.transaction < $1.transaction }
  }
}
