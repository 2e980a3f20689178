import LoamKernels
import LoamSchema
import LoamStore

/// One ID field of a window: each distinct ID of a group once, and codes.
final class IDColumn {
  /// Ends with `ID.missing`, which absent values have the code of.
  let distinct: [ID]
  /// Index into `distinct`, and into `known`.
  let codes: [UInt32]
  /// rows + 1 numbers; empty for a field of one value.
  let offsets: [UInt32]
  let weights: [Float]
  /// What is known of each distinct ID; one resolver writes it, from one thread at a time.
  let known: UnsafeMutablePointer<loam_known_id>
  /// How many distinct IDs that resolver has not met yet.
  var unresolvedCount: Int

  var missing: UInt32 { UInt32(distinct.count - 1) }

  init(_ groups: [RowGroup], field: FieldDefinition, place: String) throws(QueryError) {
    var distinct: [ID] = []
    var codes: [UInt32] = []
    var offsets: [UInt32] = field.shape == .single ? [] : [0]
    var weights: [Float] = []
    let columns = try groups.map { (group) throws(QueryError) in try Self.ids(group, field, place) }
    let missing = UInt32(columns.reduce(0) { $0 + $1.distinct.count })
    codes.reserveCapacity(columns.reduce(0) { $0 + $1.codes.count })
    for ids in columns {
      let base = UInt32(distinct.count)
      distinct += ids.distinct
      codes += ids.codes.lazy.map { $0 == CodedIDs.missing ? missing : $0 + base }
      guard let ends = ids.offsets else { continue }
      let first = offsets.last!
      for end in ends.dropFirst() { offsets.append(first + end) }
      weights += ids.weights ?? Array(repeating: 1, count: ids.codes.count)
    }
    distinct.append(.missing)
    (self.distinct, self.codes, self.offsets, self.weights) = (distinct, codes, offsets, weights)
    unresolvedCount = distinct.count
    known = .allocate(capacity: distinct.count)
    known.initialize(repeating: loam_known_id(row: loam_id_unresolved, batch: 0, place: 0), count: distinct.count)
  }

  deinit { known.deallocate() }

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
