import LoamSchema

/// One ID column of a row group: each distinct ID once, in order of first appearance, then codes.
///
/// ```
///   distinct  [ 812, 17, 5 ]          rows 0..3 of a single field: 812, 17, missing, 812
///   codes     [ 0, 1, missing, 0 ]
///   offsets   nil                     several values a row: values of row r are codes[offsets[r] ..< offsets[r + 1]]
/// ```
public struct CodedIDs: Sendable, Equatable {
  /// The code of an absent value (single fields only; a ragged row is just empty).
  public static let missing: UInt32 = .max

  public var distinct: [ID]
  public var codes: [UInt32]
  /// rows + 1 numbers; `nil` for a single field.
  public var offsets: [UInt32]?
  /// One a code; `nil` where the field has none.
  public var weights: [Float]?

  public init(distinct: [ID] = [], codes: [UInt32] = [], offsets: [UInt32]? = nil, weights: [Float]? = nil) {
    self.distinct = distinct
    self.codes = codes
    self.offsets = offsets
    self.weights = weights
  }

  public var rowCount: Int { offsets.map { $0.count - 1 } ?? codes.count }
}
