import ArgumentParser
import LoamStore

struct Stat: LoamCommand {
  static let configuration = CommandConfiguration(abstract: "What a store holds, and how large it is.")

  @OptionGroup var place: SnapshotArguments
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> StoreSizes {
    let store = try place.path.open(for: .read)
    return StoreSizes(place.path.store, store.identity, try store.statistics(at: VersionReference(place.at)))
  }
}

struct StoreSizes: Report {
  struct Entry: Encodable {
    var table: String
    var rows: UInt64
    var columns: [String]
    var blocks: Int
    /// Stored bytes of the blocks that this version shows.
    var bytes: Int
    /// The oldest kept version with this content.
    var version: UInt64
    var added: [StoreStatistics.Addition]
    var older: StoreStatistics.Size
    var garbage: StoreStatistics.Size
    var unpublished: StoreStatistics.Size
  }
  struct File: Encodable {
    var path: String
    var bytes: Int
    /// Address space reserved for it.
    var mapBytes: Int
    var freeBytes: Int
    var blocks: Int
    /// Changed blocks that a collection still has to look at.
    var pending: Int
    var readers: Int
    var readersMax: Int
  }
  struct Writer: Encodable {
    var process: String
    var kind: String
    var tables: [String]
    var isAlive: Bool
  }
  var store: String
  var storeID: String
  var format: Int
  var shards: Int
  var versions: Int
  var version: UInt64
  var latest: UInt64
  var tables: [Entry]
  var files: [File]
  var writers: [Writer]

  init(_ path: String, _ identity: StoreIdentity, _ statistics: StoreStatistics) {
    store = path
    storeID = identity.storeID
    format = identity.format
    shards = identity.shards
    versions = statistics.versions
    version = statistics.version
    latest = statistics.latest
    tables = statistics.tables.map {
      Entry(
        table: $0.name, rows: $0.rows, columns: $0.columns, blocks: $0.blocks, bytes: $0.bytes, version: $0.version,
        added: $0.added, older: $0.older, garbage: $0.garbage, unpublished: $0.unpublished)
    }
    files = statistics.files.map {
      File(
        path: $0.path, bytes: $0.fileBytes, mapBytes: $0.mapBytes, freeBytes: $0.freeBytes, blocks: $0.blocks,
        pending: $0.pending, readers: $0.readers, readersMax: $0.readersMax)
    }
    writers = statistics.writers.map {
      Writer(process: $0.process, kind: $0.kind, tables: $0.tables, isAlive: $0.isAlive)
    }
  }
}
