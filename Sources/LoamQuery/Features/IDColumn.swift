import LoamSchema
import LoamStore

/// One ID field of a window: each distinct ID of a group once, and codes.
final class IDColumn {
  /// What is known of one distinct ID; one resolver writes it, from one thread at a time.
  struct Place {
    /// The packed reference of its row, `unresolved`, or `wanted`.
    var row: UInt64
    /// The last batch that named it, and where in that batch's rows it stands.
    var batch: UInt32
    var place: UInt32

    static let unresolved: UInt64 = .max - 1
    /// Noted as to be resolved.
    static let wanted: UInt64 = .max - 2
  }
  /// Ends with `ID.missing`, which absent values have the code of.
  let distinct: [ID]
  /// Index into `distinct`, and into `places`.
  let codes: [UInt32]
  /// rows + 1 numbers; empty for a field of one value.
  let offsets: [UInt32]
  let weights: [Float]
  let places: UnsafeMutablePointer<Place>

  var missing: UInt32 { UInt32(distinct.count - 1) }

  init(_ groups: [RowGroup], field: FieldDefinition, place: String) throws(QueryError) {
    var distinct: [ID] = []
    var codes: [UInt32] = []
    var offsets: [UInt32] = field.shape == .single ? [] : [0]
    var weights: [Float] = []
    let columns = try groups.map { (group) throws(QueryError) in try Self.ids(group, field, place) }
    let missing = UInt32(columns.reduce(0) { $0 + $1.distinct.count })
    for ids in columns {
      let base = UInt32(distinct.count)
      distinct += ids.distinct
      codes.reserveCapacity(codes.count + ids.codes.count)
      for code in ids.codes { codes.append(code == CodedIDs.missing ? missing : code + base) }
      guard let ends = ids.offsets else { continue }
      let first = offsets.last!
      for end in ends.dropFirst() { offsets.append(first + end) }
      weights += ids.weights ?? Array(repeating: 1, count: ids.codes.count)
    }
    distinct.append(.missing)
    (self.distinct, self.codes, self.offsets, self.weights) = (distinct, codes, offsets, weights)
    places = .allocate(capacity: distinct.count)
    places.initialize(repeating: Place(row: Place.unresolved, batch: 0, place: 0), count: distinct.count)
  }

  deinit { places.deallocate() }

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
