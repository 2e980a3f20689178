import LoamKernels
import LoamSchema
import LoamStore

/// One ID field of a window: each distinct ID once (of a field of several values, once a group), and codes.
final class IDColumn {
  /// The code of an absent value.
  static let missing: UInt32 = 0

  /// Begins with `ID.missing`. Of a field of one value in the order in which they are first read.
  let distinct: UnsafeMutableBufferPointer<ID>
  /// Places in `distinct`, `rows` and `named`. Of a field of one value: a row's each, in reading order. Of several values:
  /// those of the rows as they lie in the groups.
  let codes: UnsafeMutableBufferPointer<UInt32>
  /// rows + 1 numbers; empty for a field of one value.
  let offsets: [UInt32]
  let weights: [Float]
  /// The row of each distinct ID, once a batch has named it, and what the last batch that did made of it. One resolver
  /// writes both, from one thread at a time.
  let rows: UnsafeMutablePointer<UInt64>
  let named: UnsafeMutablePointer<loam_named_code>

  /// Where all of them lie, side by side.
  private let bytes: UnsafeMutableRawBufferPointer
  private let memory: WindowMemory

  /// A field of one value.
  ///
  /// - Parameter order: the rows of the groups, one group after the other, in reading order.
  convenience init(
    _ groups: [any WindowGroup], single field: FieldDefinition, order: [UInt32], place: String, _ room: ColumnRoom,
    _ memory: WindowMemory
  ) throws(QueryError) {
    room.begin(rowsMax: order.count)
    for group in groups {
      guard try group.withIDs("id/\(field.name)", room.append) else {
        throw Self.refusal(try group.column("id/\(field.name)"), field, place)
      }
    }
    self.init(distinct: room.distinctMax, codes: room.rowCount, memory: memory)
    room.copyDistinct(room.number(order, into: codes.baseAddress!), to: distinct.baseAddress!)
  }

  /// A field of several values a row.
  convenience init(
    _ groups: [any WindowGroup], several field: FieldDefinition, place: String, _ memory: WindowMemory
  ) throws(QueryError) {
    var columns: [CodedIDs] = []
    var (offsets, weights): ([UInt32], [Float]) = ([0], [])
    for group in groups {
      let column = try group.column("id/\(field.name)")
      guard case .ids(let ids)? = column, let ends = ids.offsets else { throw Self.refusal(column, field, place) }
      let first = offsets.last!
      for end in ends.dropFirst() { offsets.append(first + end) }
      weights += ids.weights ?? Array(repeating: 1, count: ids.codes.count)
      columns.append(ids)
    }
    self.init(
      distinct: 1 + columns.reduce(0) { $0 + $1.distinct.count }, codes: weights.count, offsets: offsets,
      weights: weights, memory: memory)
    distinct[0] = .missing
    var (base, filled) = (1, 0)
    for ids in columns {
      for (place, id) in ids.distinct.enumerated() { distinct[base + place] = id }
      for (place, code) in ids.codes.enumerated() { codes[filled + place] = code + UInt32(base) }
      base += ids.distinct.count
      filled += ids.codes.count
    }
  }

  private init(
    distinct count: Int, codes codeCount: Int, offsets: [UInt32] = [], weights: [Float] = [], memory: WindowMemory
  ) {
    (self.offsets, self.weights, self.memory) = (offsets, weights, memory)
    bytes = memory.take(count * 24 + codeCount * 4)
    let start = bytes.baseAddress!
    rows = start.bindMemory(to: UInt64.self, capacity: count)
    named = (start + 8 * count).bindMemory(to: loam_named_code.self, capacity: count)
    distinct = UnsafeMutableBufferPointer(
      start: (start + 16 * count).bindMemory(to: ID.self, capacity: count), count: count)
    codes = UnsafeMutableBufferPointer(
      start: (start + 24 * count).bindMemory(to: UInt32.self, capacity: codeCount), count: codeCount)
    rows.initialize(repeating: loam_row_unresolved, count: count)
    named.initialize(repeating: 0, count: count)
  }

  deinit { memory.giveBack(bytes) }

  private static func refusal(_ column: RowGroup.Column?, _ field: FieldDefinition, _ place: String) -> QueryError {
    guard case .ids? = column else {
      return .query(
        .missingColumn, "\(place) has no ID field '\(field.name)', which the model reads",
        hint: "Leave it out with fields.exclude, or ingest the log with it.")
    }
    return .query(
      .missingColumn, "the field '\(field.name)' of \(place) is of another shape than the model's, \(field.shape)")
  }
}
