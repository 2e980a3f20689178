import Foundation
import LoamStore

/// The tables of a model of 26 fields: 16 f32 a row, each the row's number.
final class SeveralTables {
  static let count = 26
  let snapshot: Snapshot
  let readers: [IDTableReader]
  /// Of each table.
  let rows: Int
  private let store: Store

  init(at path: String, rows: Int) throws {
    self.rows = rows
    try LookupTable.build(at: path) { store in
      for number in 0..<Self.count { try Self.fill(store, number, rows) }
    }
    try PageCache.fill(path)
    store = try Store.open(at: path, for: .read)
    let snapshot = try store.snapshot()
    self.snapshot = snapshot
    readers = try (0..<Self.count).map { try IDTableReader(snapshot, Self.spec($0).name)! }
  }

  private static func spec(_ number: Int) -> TableSpec {
    TableSpec(
      TableName(.embedding, "bench/field-\(number)"), columns: [ColumnSpec("vector", .f32, width: LookupTable.width)])
  }

  private static func fill(_ store: Store, _ number: Int, _ rows: Int) throws {
    let write = try store.begin([spec(number)])
    let table = try IDTableWriter(write, spec(number))
    for row in 0..<UInt32(rows) {
      let values = try table.mutableRow(0, table.findOrInsert(Draws.id(row))).assumingMemoryBound(to: Float.self)
      for element in 0..<LookupTable.width { values[element] = Float(row) }
    }
    try table.flush()
    try write.publish()
  }
}

/// Requests of as many IDs from each table, another set for each call.
final class TableRequests {
  private static let sets = 64
  private let tables: SeveralTables
  private typealias Part = (
    reader: IDTableReader, ids: UnsafeMutableBufferPointer<UInt64>, rows: UnsafeMutableRawBufferPointer
  )
  private let parts: [[Part]]
  private let wanted: [[Float]]
  private let out: UnsafeMutableBufferPointer<Float>
  private let requests: [[LookupRequest]]
  private var next = 0

  init(_ tables: SeveralTables, ids count: Int) throws {
    self.tables = tables
    var random = Random(9)
    let width = count * LookupTable.width
    let out = UnsafeMutableBufferPointer<Float>.allocate(capacity: width * SeveralTables.count)
    out.initialize(repeating: 0)
    self.out = out
    var (parts, wanted) = ([[Part]](), [[Float]]())
    for _ in 0..<max(1, min(Self.sets, 1 << 21 / (count * SeveralTables.count))) {
      var (firsts, set) = ([Float](), [Part]())
      for (number, reader) in tables.readers.enumerated() {
        let drawn = (0..<count).map { _ in UInt32(random.below(tables.rows)) }
        let ids = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: count)
        _ = ids.initialize(from: drawn.map(Draws.id))
        let rows = UnsafeMutableBufferPointer(rebasing: out[number * width..<(number + 1) * width])
        firsts.append(Float(drawn[0]))
        set.append((reader, ids, UnsafeMutableRawBufferPointer(rows)))
      }
      wanted.append(firsts)
      parts.append(set)
    }
    (self.parts, self.wanted) = (parts, wanted)
    requests = parts.map { set in
      set.map { LookupRequest($0.reader, UnsafeBufferPointer($0.ids), column: 0, into: $0.rows) }
    }
  }

  deinit {
    for part in parts.joined() { part.ids.deallocate() }
    out.deallocate()
  }

  func together(threads: Int = 1) throws { try tables.snapshot.lookup(requests[next], threads: threads) }

  func oneByOne() throws {
    for part in parts[next] {
      if part.ids.count == 1 {
        guard try part.reader.lookup(part.ids[0], column: 0, into: part.rows.baseAddress!) else {
          throw Failure("absent")
        }
      } else {
        try part.reader.lookup(UnsafeBufferPointer(part.ids), column: 0, into: part.rows)
      }
    }
  }

  /// Seconds of calls, by the wall's clock; the first row of each table is looked at in between.
  func seconds(_ calls: Int, _ call: () throws -> Void) throws -> Double {
    var seconds = 0.0
    for _ in 0..<calls {
      next = (next + 1) % requests.count
      let start = Clock.wallSeconds()
      try call()
      seconds += Clock.wallSeconds() - start
      for (table, row) in wanted[next].enumerated() {
        guard out[table * (out.count / SeveralTables.count)] == row else {
          throw Failure("a row of table \(table) is wrong")
        }
      }
    }
    return seconds
  }
}
