import ArgumentParser
import Foundation
import LoamStore

struct Stat: LoamCommand {
  static let configuration = CommandConfiguration(abstract: "What a store holds, and how large it is.")

  @OptionGroup var place: SnapshotArguments
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> StoreStatistics {
    let snapshot = try place.snapshot()
    return try StoreStatistics(snapshot, path: place.path.store)
  }
}

struct StoreStatistics: Report {
  struct Entry: Encodable {
    var table: String
    var rows: UInt64
    var columns: [String]
    var blocks: Int
    /// Stored bytes of the blocks that this version shows.
    var bytes: Int
  }
  struct File: Encodable {
    var path: String
    var bytes: Int
    /// Address space reserved for it.
    var mapBytes: Int
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

  init(_ snapshot: Snapshot, path: String) throws {
    let identity = snapshot.store.identity
    store = path
    storeID = identity.storeID
    format = Int(identity.format)
    shards = identity.shards
    let kept = try snapshot.store.versions()
    versions = kept.count
    version = snapshot.record.version
    latest = kept.last?.version ?? version
    tables = try snapshot.tables.map { name in
      var (blocks, bytes) = (0, 0)
      for shard in 0..<snapshot.shardCount {
        for block in try snapshot.everyBlock(of: name, shard: shard) {
          blocks += 1
          bytes += block.payload.count
        }
      }
      return Entry(
        table: name.description, rows: snapshot.record.tables[name.description]?.rows ?? 0,
        columns: snapshot.spec(name)?.columns.map(\.name) ?? [], blocks: blocks, bytes: bytes)
    }
    let maps =
      [("catalog", identity.catalogMapBytes)]
      + (0..<identity.shards).map { ("shard-" + String(format: "%03d", $0), identity.shardMapBytes) }
    files = maps.map { name, mapBytes in
      let file = "\(path)/\(name)/data.mdb"
      let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber)??.intValue ?? 0
      return File(path: "\(name)/data.mdb", bytes: size, mapBytes: mapBytes)
    }
  }

  var page: Page {
    var page = Page(.title("\(store): \(Quantity.count(versions, "version")), latest \(latest)"))
    page.facts(
      ("store ID", storeID), ("format", "\(format)"), ("shards", "\(shards)"),
      ("on disk", Quantity.bytes(files.reduce(0) { $0 + $1.bytes })))
    page.add(.title("Tables of version \(version)"))
    var table = Table(.text("table"), .number("rows"), .number("blocks"), .number("size"), .text("columns"))
    for entry in tables {
      let more = entry.columns.count - 3
      let columns = entry.columns.prefix(3) + (more > 0 ? ["and \(more) more"] : [])
      table.add(
        entry.table, Quantity.count(entry.rows), Quantity.count(entry.blocks), Quantity.bytes(entry.bytes),
        columns.joined(separator: " "))
    }
    page.add(.table(table))
    page.add(.title("Files"))
    var sizes = Table(.text("file"), .number("size"), .number("map"), .number("used"))
    for file in files {
      sizes.add(
        file.path, Quantity.bytes(file.bytes), Quantity.bytes(file.mapBytes),
        Quantity.percent(Double(file.bytes) / Double(max(file.mapBytes, 1))))
    }
    page.add(.table(sizes))
    return page
  }
}
