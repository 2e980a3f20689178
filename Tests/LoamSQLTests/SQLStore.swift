import Foundation
import LoamKernels
import LoamSchema
import LoamStore
import SQLite

@testable import LoamSQL

/// A small store with something of every kind, in a directory of its own, and a connection to it.
final class SQLStore {
  static let items = 40
  static let schema = """
    schema: 1
    name: shop
    format: csv
    event_time: {column: time, unit: seconds}
    labels: [click]
    ids:
      - {name: user, kind: string}
      - {name: item, kind: integer}
      - {name: basket, kind: integer, space: item, shape: multi}
    timelines:
      - {name: clicks, entity: user, fields: [item]}
    """
  let path: String
  let store: Store
  private var opened: (database: SQLiteDatabase, connection: StoreConnection)?
  var database: SQLiteDatabase { opened!.database }
  var connection: StoreConnection { opened!.connection }

  init(shards: Int = 3) throws {
    path = NSTemporaryDirectory() + "loam-sql-\(UUID().uuidString)"
    var options = StoreOptions(shards: shards, shardMapBytes: 1 << 30)
    options.schema = Self.schema
    store = try Store.create(at: path, options: options)
    try Self.fill(store)
    let database = try SQLiteDatabase()
    let connection = try StoreConnection(database.handle, functions: SQLiteDatabase.functions)
    try connection.attach(try store.snapshot())
    opened = (database, connection)
  }

  deinit {
    // Closed before its files go: another store may get their inodes.
    opened = nil
    store.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  static func hash(_ text: String) -> ID {
    var text = text
    return text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
  }

  static func vector(_ item: Int) -> [Float] { [Float(item), 1, Float(item % 7) - 3, 0.5] }

  /// Item i is counted i times in train and, if it is even, once in valid.
  private static func fill(_ store: Store) throws {
    let items = TableSpec(
      TableName(.ids, "item"),
      columns: ["train", "valid"].flatMap {
        [ColumnSpec("count/\($0)", .u64), ColumnSpec("first/\($0)", .i64), ColumnSpec("last/\($0)", .i64)]
      })
    let users = TableSpec(TableName(.ids, "user"), columns: [ColumnSpec("count/train", .u64)])
    let vectors = TableSpec(
      TableName(.embedding, "ctr/item"),
      columns: [
        ColumnSpec("vector", .f32, width: 4), ColumnSpec("vector.m", .f32, width: 4), ColumnSpec("weight", .f32),
      ])
    let clicks = TableSpec.timeline("clicks", fields: [.init("item", .id), .init("price", .real)])
    let log = TableSpec(TableName(.log, "train"))
    let write = try store.begin([items, users, vectors, clicks, log])
    let (itemRows, userRows, vectorRows) = (
      try IDTableWriter(write, items), try IDTableWriter(write, users), try IDTableWriter(write, vectors)
    )
    for item in 1...Self.items {
      let row = try itemRows.findOrInsert(ID(item))
      for (column, value) in [(0, item), (1, item * 10), (2, item * 100), (3, item % 2 == 0 ? 1 : 0), (4, 7), (5, 8)] {
        try itemRows.mutableRow(column, row).storeBytes(of: Int64(value), as: Int64.self)
      }
      let admitted = try vectorRows.findOrInsert(ID(item))
      try vectorRows.mutableRow(0, admitted).copyMemory(from: vector(item), byteCount: 16)
    }
    // Beyond SQLite's integers.
    _ = try itemRows.findOrInsert(ID.largest - 5)
    for user in ["ann", "bob", "7"] {
      let row = try userRows.findOrInsert(hash(user), string: user)
      try userRows.mutableRow(0, row).storeBytes(of: UInt64(user.count), as: UInt64.self)
    }
    let events = try TimelineWriter(write, clicks)
    for time in 0..<30 {
      try events.append([
        Event(
          entity: hash(time % 3 == 0 ? "ann" : "bob"), time: Timestamp(time * 10),
          knownAt: Timestamp(time * 10 + (time % 5 == 0 ? 50 : 0)),
          values: [.id(time % 4 == 0 ? .missing : ID(time + 1)), .real(time % 2 == 0 ? .nan : Float(time) / 2)])
      ])
    }
    let rows = try FeatureLogWriter(write, log)
    try rows.append(
      RowGroup(
        rowCount: 4,
        columns: [
          "label/click": .real([1, 0, .nan, 1]), "time/event": .time([5, 6, .absent, 8]),
          "id/user": .ids(CodedIDs(distinct: [hash("ann"), hash("bob")], codes: [0, 1, CodedIDs.missing, 0])),
          "id/basket": .ids(
            CodedIDs(distinct: [3, 9], codes: [0, 1, 1], offsets: [0, 2, 2, 3, 3], weights: [1, 0.5, 2])),
        ]))
    for table in [itemRows, userRows, vectorRows] { try table.flush() }
    try events.flush()
    try rows.flush()
    try write.publish(PublishOptions(metrics: ["ctr/auc": 0.75]))
    try store.tag(.latest, as: "good")
  }

  func rows(_ sql: String) throws -> [[SQLiteValue]] { try database.prepare(sql).rows() }

  /// The first column of every row as whole numbers.
  func numbers(_ sql: String) throws -> [Int64] {
    try rows(sql).map { row -> Int64 in if case .integer(let number) = row[0] { number } else { .min } }
  }

  func plan(_ sql: String) throws -> String {
    try rows("EXPLAIN QUERY PLAN \(sql)").map { if case .text(let text) = $0[3] { text } else { "" } }
      .joined(separator: "\n")
  }

  func message(_ sql: String) -> String {
    do {
      _ = try rows(sql)
      return ""
    } catch { return (error as? SQLiteError)?.message ?? "\(error)" }
  }
}
