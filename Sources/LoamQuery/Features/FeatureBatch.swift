import LoamStore

/// Rows as a model reads them: IDs resolved to rows of tables, dense values transformed.
///
/// A table's distinct rows are listed once, in the order in which the batch first names them (field by field) or shard by
/// shard, so that vectors are fetched and updated once and sums over duplicates have one order.
public struct FeatureBatch: Sendable {
  /// Distinct rows of one table.
  public struct Rows: Sendable {
    public var references: [RowReference] = []
    /// How often the batch names each.
    public var occurrences: [UInt32] = []
    /// The rows of shard s are `starts[s] ..< starts[s + 1]`; empty where rows are not grouped by shard.
    public var starts: [Int] = []
    /// Where grouped: the positions of the rows in the order of their first use, which no number of shards changes.
    public var firstUse: [UInt32] = []
    public init() {}
  }
  /// One ID field: positions in its table's `Rows`.
  public struct Field: Sendable {
    /// One a row, or for fields of several values all of them one after the other.
    public var codes: [UInt32] = []
    /// rows + 1 numbers; empty for a field of one value. A row without values names the row of `ID.missing`, except in a
    /// field that is read event by event, where it names none.
    public var offsets: [UInt32] = []
    /// The share of each value in its row's mean: weight / sum of weights. Empty for a field of one value.
    public var shares: [Float] = []
    /// Of the events of a sequence, one a code: indices of types, and seconds to the row's time; empty where not known.
    public var actions: [Float] = []
    public var ages: [Float] = []
    public init() {}
  }
  public var rowCount = 0
  /// One a label of the definition, `[rows]`; NaN: not known.
  public var labels: [[Float]] = []
  /// Sample weights `[rows]`; empty: all 1.
  public var weights: [Float] = []
  /// `[rows, dense fields]`, row by row.
  public var dense: [Float] = []
  /// One a table of the definition.
  public var tables: [Rows] = []
  /// One a field of the definition.
  public var fields: [Field] = []

  public init() {}
}
