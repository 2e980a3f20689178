import LoamKernels
import LoamSchema

/// The table `pairs:TIMELINE`: how often two IDs of a field follow each other on a timeline.
///
/// ```
///   row     63 bits of a hash of the pair
///   first   the smaller ID           second   the larger one          count   at least 1
/// ```
///
/// A pair whose count falls to 0 loses its row: the table, and its root, depend on the events alone, not on the order in
/// which they came. Two pairs with one hash are refused, as two strings are.
extension TableSpec {
  static let pairFieldKey = "field"
  static let (pairFirst, pairSecond, pairCount) = (0, 1, 2)

  /// - Parameter field: of the timeline's events, of IDs.
  public static func pairs(timeline: String, field: String) -> TableSpec {
    TableSpec(
      TableName(.pairs, timeline),
      columns: [ColumnSpec("first", .u64), ColumnSpec("second", .u64), ColumnSpec("count", .u64)],
      attributes: [pairFieldKey: field])
  }

  /// The field whose IDs a table of pairs counts.
  public var pairField: String? { attributes[Self.pairFieldKey] }
}

extension IDPair {
  /// The ID of the pair's row.
  var key: ID { loam_mix64(first &* 0x9e37_79b9_7f4a_7c15 &+ loam_mix64(second)) >> 1 }
}
