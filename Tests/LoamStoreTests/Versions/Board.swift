import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// A store of raw blocks whose content a test knows: each cell (table, shard, number) holds one number.
///
/// It is what the protocol is tested with: no structure between the test and the blocks.
struct Board {
  static let cells: UInt64 = 8
  static let column: UInt16 = 20
  let store: Store

  typealias Content = [Cell: UInt64]
  struct Cell: Hashable {
    var table: String
    var shard: Int
    var number: UInt64
  }

  static func spec(_ table: String) -> TableSpec { TableSpec(TableName(.model, table)) }

  func begin(_ tables: String...) throws -> Write { try store.begin(tables.map(Self.spec)) }

  /// Puts values and keeps the root's arithmetic of the write up to date.
  func put(_ values: Content, _ write: Write) throws {
    for (cell, value) in values {
      let number = write.spec(TableName(.model, cell.table)).number
      let address = BlockAddress(table: number, column: Self.column, block: cell.number)
      if value == 0 {
        try write.put([.deletion(address)], shard: cell.shard)
      } else {
        // A page of its own, as rows have.
        var content = [UInt64](repeating: value, count: 500)
        try content.withUnsafeMutableBytes { bytes in
          try write.put([PendingBlock(address, rows: 1, content: UnsafeRawBufferPointer(bytes))], shard: cell.shard)
        }
      }
    }
  }

  @discardableResult
  func publish(_ values: Content, _ write: Write, _ options: PublishOptions = PublishOptions()) throws -> VersionRecord
  {
    try put(values, write)
    let base = try Self.content(write.base)
    for table in Set(values.keys.map(\.table)) {
      var delta: UInt128 = 0
      for (cell, value) in values where cell.table == table {
        if let old = base[cell] { delta &-= Self.hash(cell, old) }
        if value != 0 { delta &+= Self.hash(cell, value) }
      }
      write.setRoot(TableName(.model, table), delta: delta, rows: 0)
    }
    return try write.publish(options)
  }

  /// One whole version that sets every cell of a table to a value.
  @discardableResult
  func fill(_ table: String, with value: UInt64, _ options: PublishOptions = PublishOptions()) throws -> VersionRecord {
    try publish(all(table, value), try begin(table), options)
  }

  func all(_ table: String, _ value: UInt64) -> Content {
    var values: Content = [:]
    for shard in 0..<store.shardCount {
      for number in 0..<Self.cells { values[Cell(table: table, shard: shard, number: number)] = value }
    }
    return values
  }

  static func content(_ snapshot: Snapshot) throws -> Content {
    var found: Content = [:]
    for table in snapshot.tables {
      let spec = try #require(snapshot.spec(table))
      for shard in 0..<snapshot.shardCount {
        for block in try snapshot.blocks(table: spec.number, column: column, shard: shard) {
          try snapshot.verifyOnce(block)
          let cell = Cell(table: table.name, shard: shard, number: block.address.block)
          found[cell] = block.payload.loadUnaligned(as: UInt64.self)
        }
      }
    }
    return found
  }

  static func hash(_ cell: Cell, _ value: UInt64) -> UInt128 {
    withUnsafeBytes(of: value) { RowHash.of(column: "cell", key: UInt64(cell.shard) << 32 | cell.number, payload: $0) }
  }

  /// Assertions 1 to 7 of protocol.md, section 10.
  func check(quiet: Bool = false, _ location: SourceLocation = #_sourceLocation) throws {
    #expect(try store.checkProtocol(quiet: quiet) == [], sourceLocation: location)
    for record in try store.versions() {
      let content = try Self.content(try store.snapshot(at: .number(record.version)))
      for (name, table) in record.tables {
        var root: UInt128 = 0
        for (cell, value) in content where "model:\(cell.table)" == name { root &+= Self.hash(cell, value) }
        #expect(Root(root) == table.root, "\(name) in version \(record.version)", sourceLocation: location)
      }
    }
  }
}

/// A path for one store, removed with this.
final class StorePath: Sendable {
  let path: String
  init() { path = NSTemporaryDirectory() + "loam-store-\(UUID().uuidString)" }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  static let options = StoreOptions(shards: 2, shardMapBytes: 1 << 26, catalogMapBytes: 1 << 24)

  func create() throws -> Board { Board(store: try Store.create(at: path, options: Self.options)) }
  func open() throws -> Board { Board(store: try Store.open(at: path, for: .write)) }
}
