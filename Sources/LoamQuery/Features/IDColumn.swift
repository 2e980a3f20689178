import LoamKernels
import LoamSchema
import LoamStore

/// One ID field of a window: each distinct ID of a group once, and codes.
final class IDColumn {
  /// Ends with `ID.missing`, which absent values have the code of.
  let distinct: [ID]
  /// Index into `distinct`, `rows` and `named`.
  let codes: [UInt32]
  /// rows + 1 numbers; empty for a field of one value.
  let offsets: [UInt32]
  let weights: [Float]
  /// The row of each distinct ID, once a batch has named it, and what the last batch that did made of it. One resolver
  /// writes both, from one thread at a time.
  let rows: UnsafeMutablePointer<UInt64>
  let named: UnsafeMutablePointer<loam_named_code>

  var missing: UInt32 { UInt32(distinct.count - 1) }

  init(_ groups: [RowGroup], field: FieldDefinition, place: String) throws(QueryError) {
    var distinct: [ID] = []
    var offsets: [UInt32] = field.shape == .single ? [] : [0]
    var weights: [Float] = []
    let columns = try groups.map { (group) throws(QueryError) in try Self.ids(group, field, place) }
    let missing = UInt32(columns.reduce(0) { $0 + $1.distinct.count })
    let count = columns.reduce(0) { $0 + $1.codes.count }
    codes = [UInt32](unsafeUninitializedCapacity: count) { all, filled in
      var base: UInt32 = 0
      for ids in columns {
        ids.codes.withUnsafeBufferPointer { from in
          for (place, code) in from.enumerated() {
            all[filled + place] = code == CodedIDs.missing ? missing : code &+ base
          }
        }
        filled += ids.codes.count
        base += UInt32(ids.distinct.count)
      }
    }
    for ids in columns {
      distinct += ids.distinct
      guard let ends = ids.offsets else { continue }
      let first = offsets.last!
      for end in ends.dropFirst() { offsets.append(first + end) }
      weights += ids.weights ?? Array(repeating: 1, count: ids.codes.count)
    }
    distinct.append(.missing)
    (self.distinct, self.offsets, self.weights) = (distinct, offsets, weights)
    rows = .allocate(capacity: distinct.count)
    rows.initialize(repeating: loam_row_unresolved, count: distinct.count)
    named = .allocate(capacity: distinct.count)
    named.initialize(repeating: loam_named_code(), count: distinct.count)
  }

  deinit {
    rows.deallocate()
    named.deallocate()
  }

  private static func ids(_ group: RowGroup, _ field: FieldDefinition, _ place: String) throws(QueryError) -> CodedIDs {
    guard case .ids(let ids)? = group.columns["id/\(field.name)"] else {
      throw .query(
        .missingColumn, "\(place) has no ID field '\(field.name)', which the model reads",
        hint: "Leave it out with fields.exclude, or ingest the log with it.")
    }
    guard (ids.offsets != nil) == (field.shape != .single) else {
      throw .query(
        .missingColumn, "the field '\(field.name)' of \(place) is of another shape than the model's, \(field.shape)")
    }
    return ids
  }
}
