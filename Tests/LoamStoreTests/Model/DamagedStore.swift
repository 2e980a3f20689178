import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// A closed store with one of each structure, whose files a test damages.
final class DamagedStore {
  /// Where a block's value lies in its shard's file. Small values are also found in free pages: each is damaged alike.
  struct Place {
    var name: String
    var address: BlockAddress
    var shard: Int
    var offsets: [Int]
    var count: Int
  }
  static let shards = 2
  let path = NSTemporaryDirectory() + "loam-damaged-\(UUID().uuidString)"
  let tables: [TableName]

  init() throws {
    let store = try Store.create(
      at: path, options: StoreOptions(shards: Self.shards, shardMapBytes: 1 << 28, catalogMapBytes: 1 << 24))
    var random = SeededGenerator(5)
    for group in ModelTables.groups {
      let write = try ModelWrite(store, group, ReferenceContent())
      for _ in 0..<400 { try write.change(&random) }
      // The second version's rows are patches over the first one's.
      _ = try write.publish(PublishOptions(goOn: true))
      for _ in 0..<8 { try write.change(&random) }
      _ = try write.publish(PublishOptions())
    }
    let write = try store.begin([ModelTables.specs[ModelTables.log]!])
    let log = try FeatureLogWriter(write, write.spec(ModelTables.log))
    var rows = RowGroup(rowCount: 300)
    rows.columns["dense/x"] = .real((0..<300).map { Float($0) })
    rows.columns["id/user"] = .ids(CodedIDs(distinct: (1...7).map { $0 * 11 }, codes: (0..<300).map { UInt32($0 % 7) }))
    try log.append(rows)
    try log.flush()
    try write.publish()
    tables = ModelTables.all + [ModelTables.log]
    store.close()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func dataFile(_ shard: Int) -> String { "\(path)/shard-00\(shard)/data.mdb" }

  /// One block for each column of each structure and shard.
  func places() throws -> [Place] {
    let store = try Store.open(at: path, for: .read)
    defer { store.close() }
    let snapshot = try store.snapshot()
    var places: [Place] = []
    for shard in 0..<Self.shards {
      let file = try Data(contentsOf: URL(fileURLWithPath: dataFile(shard)))
      for table in tables {
        var seen: Set<UInt16> = []
        for block in try snapshot.allBlocks(table: try #require(snapshot.spec(table)).number, shard: shard)
        where seen.insert(block.address.column).inserted {
          // Whole: behind the header of an overwritten copy may lie the keys of what is there now.
          let value = Data(block.value)
          var offsets: [Int] = []
          var from = file.startIndex
          while let found = file.range(of: value, in: from..<file.endIndex) {
            offsets.append(found.lowerBound)
            from = found.upperBound
          }
          places.append(
            Place(
              name: "\(table) column \(block.address.column)", address: block.address, shard: shard, offsets: offsets,
              count: block.value.count))
        }
      }
    }
    return places
  }

  /// Flips one bit of a block wherever its bytes lie; twice is as before.
  func flip(_ place: Place, bit: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: dataFile(place.shard)))
    defer { try? file.close() }
    for offset in place.offsets {
      try file.seek(toOffset: UInt64(offset + bit / 8))
      let byte = try #require(try file.read(upToCount: 1)?.first)
      try file.seek(toOffset: UInt64(offset + bit / 8))
      try file.write(contentsOf: [byte ^ 1 << (bit % 8)])
    }
  }

  /// Reads every row of a table through its reader; throws where something is damaged.
  static func readAll(_ table: TableName, _ snapshot: Snapshot) throws(StoreError) {
    _ = try snapshot.computeRoot(of: table)
  }
}
