import LMDB

/// What a store holds and how its files are used, for `loam stat`.
public struct StoreStatistics: Sendable, Codable, Equatable {
  public struct Size: Sendable, Codable, Equatable {
    public var blocks = 0
    /// Stored bytes, without headers.
    public var bytes = 0
    mutating func add(_ bytes: Int) {
      blocks += 1
      self.bytes += bytes
    }
  }
  public struct Addition: Sendable, Codable, Equatable {
    public var version: UInt64
    public var blocks: Int
    public var bytes: Int
  }
  public struct Table: Sendable, Codable, Equatable {
    public var name: String
    public var rows: UInt64
    public var columns: [String]
    /// Blocks and stored bytes that this version shows.
    public var blocks: Int
    public var bytes: Int
    /// The oldest kept version with this content.
    public var version: UInt64
    /// What is stored of the table, by the first kept version that shows it, ascending.
    public var added: [Addition]
    /// Kept for versions older than latest alone.
    public var older: Size
    /// Shown by no kept version: later commits, or `collect`, remove it.
    public var garbage: Size
    /// Of a write that is not published.
    public var unpublished: Size
  }
  public struct File: Sendable, Codable, Equatable {
    public var path: String
    public var fileBytes: Int
    public var mapBytes: Int
    /// Of the file, in pages that hold nothing now.
    public var freeBytes: Int
    public var blocks: Int
    /// Entries in `changes`: the collector's work list.
    public var pending: Int
    public var readers: Int
    public var readersMax: Int
  }
  public struct Writer: Sendable, Codable, Equatable {
    public var stamp: Stamp
    public var process: String
    public var isAlive: Bool
    public var kind: String
    public var tables: [String]
  }
  public var version: UInt64
  public var latest: UInt64
  public var versions: Int
  public var tables: [Table]
  public var files: [File]
  public var writers: [Writer]
}

extension Store {
  /// Walks the keys of every block; touches no row.
  public func statistics(at reference: VersionReference = .latest) throws(StoreError) -> StoreStatistics {
    let snapshot = try snapshot(at: reference)
    let versions = try versions()
    let sizes = try snapshot.sizes(kept: versions)
    let tables = snapshot.tables.compactMap { name -> StoreStatistics.Table? in
      guard let spec = snapshot.spec(name), let table = snapshot.record.tables[name.description],
        let size = sizes[spec.number]
      else { return nil }
      let version = versions.first { $0.tables[name.description]?.stamp == table.stamp }?.version
      return StoreStatistics.Table(
        name: name.description, rows: table.rows, columns: spec.columns.map(\.name), blocks: size.seen.blocks,
        bytes: size.seen.bytes, version: version ?? snapshot.record.version,
        added: size.added.sorted { $0.key < $1.key }.map { .init(version: $0, blocks: $1.blocks, bytes: $1.bytes) },
        older: size.older, garbage: size.garbage, unpublished: size.unpublished)
    }
    let writes = try catalog.read { t throws(LMDBError) in try t.entries(of: catalog.writes) }
    return StoreStatistics(
      version: snapshot.record.version, latest: versions.last?.version ?? snapshot.record.version,
      versions: versions.count, tables: tables, files: try files(),
      writers: writes.map { stamp, entry in
        StoreStatistics.Writer(
          stamp: stamp, process: entry.owner.split(separator: "-").first.map(String.init) ?? "?",
          isAlive: entry.owner == owner?.token || Owner.isAlive(entry.owner, layout), kind: entry.kind.rawValue,
          tables: entry.tables)
      })
  }

  private func files() throws(StoreError) -> [StoreStatistics.File] {
    var files = [try file(catalog.environment, blocks: 0, pending: 0)]
    for shard in shards {
      let counts = try lmdb { () throws(LMDBError) in
        try shard.environment.read { t throws(LMDBError) in
          (try t.count(of: shard.blocks), try t.count(of: shard.changes))
        }
      }
      files.append(try file(shard.environment, blocks: counts.0, pending: counts.1))
    }
    return files
  }

  private func file(_ environment: Environment, blocks: Int, pending: Int) throws(StoreError) -> StoreStatistics.File {
    let (usage, free) = try lmdb { () throws(LMDBError) in (try environment.usage(), try environment.freePages()) }
    let data = environment.path + "/data.mdb"
    return StoreStatistics.File(
      path: String(data.dropFirst(layout.root.count + 1)),
      fileBytes: Disk.size(data) ?? usage.pages * usage.pageSizeBytes, mapBytes: usage.mapSizeBytes,
      freeBytes: free * usage.pageSizeBytes, blocks: blocks, pending: pending, readers: usage.readerSlotsUsed,
      readersMax: usage.readersMax)
  }
}
