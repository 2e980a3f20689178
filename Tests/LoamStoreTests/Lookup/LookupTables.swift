import LoamSchema
import LoamStore

/// Two tables of one store: of every type, and of rows that are drawn and never stored.
final class LookupTables {
  let table: LookupStore
  let snapshot: Snapshot
  let readers: [IDTableReader]
  private static let drawn = TableSpec(
    TableName(.embedding, "m/drawn"),
    columns: [ColumnSpec("vector", .f32, width: 7, initial: .uniform(bound: 1, seed: 4), blockPages: 1)])

  init(shards: Int, seed: UInt64) throws {
    table = try LookupStore(rows: 3_000, shards: shards, seed: seed)
    let write = try table.store.begin([Self.drawn])
    let drawn = try IDTableWriter(write, Self.drawn)
    for id in table.ids[..<900] { _ = try drawn.findOrInsert(id) }
    try drawn.flush()
    try write.publish()
    let snapshot = try table.store.snapshot()
    self.snapshot = snapshot
    readers = try [LookupStore.name, Self.drawn.name].map { try IDTableReader(snapshot, $0)! }
  }
}

/// What a request of a test asks for, and where its answer goes.
struct AskedRows {
  enum Form { case stored, real, pooled(offsets: [UInt32], weights: [Float]?), rows }
  let reader: IDTableReader
  let column: Int
  let ids: [ID]
  let form: Form

  init(_ tables: LookupTables, count: Int, _ random: inout SeededGenerator) {
    let reader = tables.readers.randomElement(using: &random)!
    self.reader = reader
    let real = reader.spec.columns.indices.filter { reader.spec.columns[$0].type != .u64 }
    column = real.randomElement(using: &random)!
    ids = (0..<count).map { _ in
      Int.random(in: 0..<4, using: &random) > 0 ? tables.table.ids.randomElement(using: &random)! : random.next()
    }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: form = .stored
    case 1: form = .rows
    case 2: form = .real
    case 3:
      let weights = ids.map { _ in Float.random(in: -1...1, using: &random) }
      form = .pooled(offsets: Self.offsets(count, &random), weights: weights)
    default: form = .pooled(offsets: Self.offsets(count, &random), weights: nil)
    }
  }

  /// Bags of 0 to 9 IDs, and now and then one of many.
  private static func offsets(_ count: Int, _ random: inout SeededGenerator) -> [UInt32] {
    var offsets: [UInt32] = [0]
    while Int(offsets.last!) < count {
      let step = Int.random(in: 0..<60, using: &random) == 0 ? 5_000 : Int.random(in: 0...9, using: &random)
      offsets.append(UInt32(min(Int(offsets.last!) + step, count)))
    }
    return offsets
  }

  private var byteCount: Int {
    let column = reader.spec.columns[column]
    switch form {
    case .stored, .rows: return ids.count * column.stride
    case .real: return ids.count * column.width * 4
    case .pooled(let offsets, _): return (offsets.count - 1) * column.width * 4
    }
  }

  /// The answer from the calls of one table.
  func alone() throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0x55, count: byteCount)
    try bytes.withUnsafeMutableBytes { out in
      let values = out.bindMemory(to: Float.self)
      try ids.withUnsafeBufferPointer { ids in
        switch form {
        case .stored, .rows: try reader.lookup(ids, column: column, into: out)
        case .real: try reader.lookup(ids, column: column, into: values)
        case .pooled(let offsets, let weights):
          try offsets.withUnsafeBufferPointer { offsets in
            try (weights ?? []).withUnsafeBufferPointer { given in
              let pooling: Pooling = weights == nil ? .mean : .weighted(given)
              try reader.lookup(ids, bags: offsets, pooling, column: column, into: values)
            }
          }
        }
      }
    }
    return bytes
  }

  /// The answers of one call.
  static func together(_ asked: [AskedRows], _ snapshot: Snapshot, threads: Int) throws -> [[UInt8]] {
    var memory: [UnsafeMutableRawBufferPointer] = []
    defer { for piece in memory { piece.deallocate() } }
    func room<T>(_ elements: [T]) -> UnsafeBufferPointer<T> {
      let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: elements.count * MemoryLayout<T>.stride, alignment: 64)
      memory.append(bytes)
      let room = bytes.bindMemory(to: T.self)
      _ = room.initialize(from: elements)
      return UnsafeBufferPointer(room)
    }
    var outputs: [UnsafeMutableRawBufferPointer] = []
    let requests = try asked.map { asked in
      let out = UnsafeMutableRawBufferPointer(
        mutating: UnsafeRawBufferPointer(
          room(
            [UInt8](repeating: 0xAA, count: asked.byteCount))))
      outputs.append(out)
      let (reader, column, ids) = (asked.reader, asked.column, room(asked.ids))
      let values = out.bindMemory(to: Float.self)
      switch asked.form {
      case .stored: return LookupRequest(reader, ids, column: column, into: out)
      case .rows: return LookupRequest(reader, rows: room(try reader.find(asked.ids)), column: column, into: out)
      case .real: return try LookupRequest(reader, ids, column: column, into: values)
      case .pooled(let offsets, let weights):
        let pooling: Pooling = weights.map { .weighted(room($0)) } ?? .mean
        return try LookupRequest(reader, ids, bags: room(offsets), pooling, column: column, into: values)
      }
    }
    try snapshot.lookup(requests, threads: threads)
    return outputs.map { Array($0) }
  }
}
