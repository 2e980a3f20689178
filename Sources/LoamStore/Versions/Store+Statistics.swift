import LMDB

/// What a store holds and how its files are used, for `loam stat`.
public struct StoreStatistics: Sendable, Codable {
  public struct Table: Sendable, Codable {
    public var name: String
    public var rows: UInt64
    /// Blocks and stored bytes that this version shows.
    public var blocks: Int
    public var bytes: Int
    public var version: UInt64
  }
  public struct File: Sendable, Codable {
    public var name: String
    public var fileBytes: Int
    public var mapBytes: Int
    public var blocks: Int
    /// Entries in `changes`: the collector's work list.
    public var pending: Int
    public var readers: Int
    public var readersMax: Int
  }
  public struct Writer: Sendable, Codable {
    public var stamp: Stamp
    public var process: String
    public var isAlive: Bool
    public var kind: String
    public var tables: [String]
  }
  public var version: UInt64
  public var versions: Int
  public var tables: [Table]
  public var files: [File]
  public var writers: [Writer]
}

extension Store {
  /// Walks the keys of one version; touches no row.
  public func statistics(at reference: VersionReference = .latest) throws(StoreError) -> StoreStatistics {
    let snapshot = try snapshot(at: reference)
    let versions = try versions()
    var tables: [StoreStatistics.Table] = []
    for name in snapshot.tables {
      guard let spec = snapshot.spec(name), let table = snapshot.record.tables[name.description] else { continue }
      var (blocks, bytes) = (0, 0)
      for shard in 0..<shardCount {
        let found = try snapshot.allBlocks(table: spec.number, shard: shard)
        blocks += found.count
        bytes += found.reduce(0) { $0 + $1.value.count }
      }
      let version = versions.first { $0.tables[name.description]?.stamp == table.stamp }?.version
      tables.append(
        StoreStatistics.Table(
          name: name.description, rows: table.rows, blocks: blocks, bytes: bytes,
          version: version ?? snapshot.record.version))
    }
    var files: [StoreStatistics.File] = []
    let catalogUsage = try lmdb { () throws(LMDBError) in try catalog.environment.usage() }
    files.append(
      StoreStatistics.File("catalog", catalogUsage, blocks: 0, pending: 0))
    for shard in shards {
      let (usage, blocks, pending) = try lmdb { () throws(LMDBError) in
        let counts = try shard.environment.read { t throws(LMDBError) in
          (try t.count(of: shard.blocks), try t.count(of: shard.changes))
        }
        return (try shard.environment.usage(), counts.0, counts.1)
      }
      files.append(StoreStatistics.File("shard \(shard.number)", usage, blocks: blocks, pending: pending))
    }
    let writes = try catalog.read { t throws(LMDBError) in try t.entries(of: catalog.writes) }
    return StoreStatistics(
      version: snapshot.record.version, versions: versions.count, tables: tables, files: files,
      writers: writes.map { stamp, entry in
        StoreStatistics.Writer(
          stamp: stamp, process: entry.owner.split(separator: "-").first.map(String.init) ?? "?",
          isAlive: entry.owner == owner?.token || Owner.isAlive(entry.owner, layout), kind: entry.kind.rawValue,
          tables: entry.tables)
      })
  }
}

extension StoreStatistics.File {
  init(_ name: String, _ usage: Environment.Usage, blocks: Int, pending: Int) {
    self.init(
      name: name, fileBytes: usage.pages * usage.pageSizeBytes, mapBytes: usage.mapSizeBytes, blocks: blocks,
      pending: pending, readers: usage.readerSlotsUsed, readersMax: usage.readersMax)
  }
}
