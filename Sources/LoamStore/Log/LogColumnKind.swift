import LoamSchema

/// What a column of the log holds in each row.
enum LogColumnKind: String, Codable, Sendable {
  case real, time
  /// One ID, or none.
  case id
  /// Any number of IDs.
  case ids
  /// Any number of IDs, each with a weight.
  case weightedIDs

  init(_ column: RowGroup.Column) {
    switch column {
    case .real: self = .real
    case .time: self = .time
    case .ids(let ids): self = ids.offsets == nil ? .id : ids.weights == nil ? .ids : .weightedIDs
    }
  }

  /// A column of this kind whose rows all miss.
  func missing(_ rows: Int) -> RowGroup.Column {
    switch self {
    case .real: .real([Float](repeating: .nan, count: rows))
    case .time: .time([Timestamp](repeating: .absent, count: rows))
    case .id: .ids(CodedIDs(codes: [UInt32](repeating: CodedIDs.missing, count: rows)))
    case .ids: .ids(CodedIDs(offsets: [UInt32](repeating: 0, count: rows + 1)))
    case .weightedIDs: .ids(CodedIDs(offsets: [UInt32](repeating: 0, count: rows + 1), weights: []))
    }
  }
}
