import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// A table whose commits change few rows of many blocks, and a dictionary beside each version.
final class PatchedStore {
  typealias Content = [ID: Row]
  struct Row: Equatable {
    var vector: Float
    var count: UInt64
  }
  static let name = TableName(.embedding, "m/patched")
  /// 17 vectors a block, 1,088 a group.
  static let width = 240
  static let spec = TableSpec(
    name, columns: [ColumnSpec("vector", .f32, width: width), ColumnSpec("count", .u64)])
  static let vector: UInt16 = 16
  static let (vectorPacks, countPacks) = (vector | PatchPack.columnBit, 17 | PatchPack.columnBit)

  private let scratch: StructureStore?
  let store: Store
  private(set) var content: Content = [:]
  /// By version.
  private(set) var versions: [UInt64: Content] = [:]
  var random: SeededGenerator

  var ids: [ID] { content.keys.sorted() }

  init(rows: Int = 1_500, shards: Int = 1, seed: UInt64, keepLast: Int = 3) throws {
    let scratch = try StructureStore(shards: shards)
    (self.scratch, store, random) = (scratch, scratch.store, SeededGenerator(seed))
    try store.setRetention(RetentionPolicy(keepLast: keepLast))
    try commit(insert: rows)
  }

  /// An open write of the table with some rows changed, not flushed.
  func begin(update: Int, insert: Int = 0) throws -> (write: Write, table: IDTableWriter, content: Content) {
    let write = try store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    var content = content
    try change(table, &content, update: update, insert: insert)
    return (write, table, content)
  }

  func change(_ table: IDTableWriter, _ content: inout Content, update: Int, insert: Int = 0) throws {
    let ids = content.keys.sorted()
    var changed = (0..<update).map { _ in ids.randomElement(using: &random)! }
    changed += (0..<insert).map { _ in random.next() >> 2 }
    for id in changed {
      let row = try table.findOrInsert(id)
      if content[id] == nil { content[id] = Row(vector: 0, count: 0) }
      // Columns are changed by different rows.
      if random.next() % 4 != 0 { try set(table, row, id, vector: Float(random.next() % 10_000), &content) }
      if random.next() % 2 == 0 {
        content[id]!.count = random.next()
        try table.mutableRow(1, row).storeBytes(of: content[id]!.count, as: UInt64.self)
      }
    }
  }

  func set(_ table: IDTableWriter, _ row: RowReference, _ id: ID, vector: Float, _ content: inout Content) throws {
    content[id]!.vector = vector
    // As initial rows are zeros, a row is its vector in any case.
    let values = try table.mutableRow(0, row).assumingMemoryBound(to: Float.self)
    values.update(repeating: vector, count: Self.width)
  }

  @discardableResult
  func commit(update: Int = 0, insert: Int = 0) throws -> VersionRecord {
    let (write, table, content) = try begin(update: update, insert: insert)
    try table.flush()
    return published(try write.publish(), content)
  }

  @discardableResult
  func published(_ record: VersionRecord, _ content: Content) -> VersionRecord {
    self.content = content
    versions[record.version] = content
    return record
  }

  /// The longest chain of the latest version.
  func longestChain(_ column: UInt16 = vector) throws -> Int {
    let snapshot = try store.snapshot()
    let table = try #require(snapshot.spec(Self.name)).number
    return try (0..<store.shardCount).reduce(0) { longest, shard in
      let chains = try snapshot.patchChains(table: table, column: column, shard: shard)
      return max(longest, chains.map(\.packs.count).max() ?? 0)
    }
  }

  /// Every way to read a version's rows gives what was written.
  static func expect(
    _ content: Content, _ snapshot: Snapshot, _ comment: Comment, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let reader = try #require(try IDTableReader(snapshot, name))
    let ids = content.keys.sorted()
    #expect(reader.rowCount == ids.count, comment, sourceLocation: location)
    let vectors: [Float] = try reader.lookup(ids, column: 0)
    let counts = try reader.lookup(ids, column: 1, absent: nil)
    // By reference, then one by one, each on a reader that has touched nothing.
    let second = try #require(try IDTableReader(snapshot, name))
    var again = [Float](repeating: 0, count: ids.count * width)
    let references = try second.find(ids)
    try again.withUnsafeMutableBytes { try second.read("vector", references, into: $0.baseAddress!) }
    let third = try #require(try IDTableReader(snapshot, name))
    var one = [Float](repeating: 0, count: width)
    let expected = UnsafeMutablePointer<Float>.allocate(capacity: width)
    defer { expected.deallocate() }
    var wrong = 0
    for (position, id) in ids.enumerated() {
      let row = content[id]!
      let count = counts.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position * 8, as: UInt64.self) }
      expected.update(repeating: row.vector, count: width)
      let found = try one.withUnsafeMutableBytes { try third.lookup(id, column: 0, into: $0.baseAddress!) }
      let isSame = [vectors, again].allSatisfy { rows in
        rows.withUnsafeBytes { memcmp($0.baseAddress! + position * width * 4, expected, width * 4) == 0 }
      }
      if !isSame || !found || memcmp(one, expected, width * 4) != 0 || count != row.count { wrong += 1 }
    }
    #expect(wrong == 0, "\(wrong) of \(ids.count) rows: \(comment)", sourceLocation: location)
  }

  /// Every kept version reads as it was published.
  func expectAll(_ comment: Comment, _ location: SourceLocation = #_sourceLocation) throws {
    for record in try store.versions() {
      guard let content = versions[record.version] else { continue }
      let snapshot = try store.snapshot(at: .number(record.version))
      try Self.expect(content, snapshot, "version \(record.version), \(comment)", location)
      let root = try snapshot.computeRoot(of: Self.name)
      #expect(root == record.tables[Self.name.description]?.root, comment, sourceLocation: location)
    }
    #expect(try store.checkProtocol() == [], comment, sourceLocation: location)
  }

  /// The blocks of the latest version in a shard.
  func blocks(shard: Int = 0) throws -> [Block] {
    let snapshot = try store.snapshot()
    return try snapshot.allBlocks(table: #require(snapshot.spec(Self.name)).number, shard: shard)
  }

  /// Flips one bit of a block in its file, under the map; twice is as before.
  func flip(_ block: Block, shard: Int = 0, bit: Int) throws {
    let file = "\(store.path)/shard-00\(shard)/data.mdb"
    let header = Data(block.value.prefix(BlockHeader.size))
    let place = try #require(try Data(contentsOf: URL(fileURLWithPath: file)).range(of: header)).lowerBound
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
    defer { try? handle.close() }
    try handle.seek(toOffset: UInt64(place + bit / 8))
    let byte = try #require(try handle.read(upToCount: 1)?.first)
    try handle.seek(toOffset: UInt64(place + bit / 8))
    try handle.write(contentsOf: [byte ^ 1 << (bit % 8)])
  }
}
