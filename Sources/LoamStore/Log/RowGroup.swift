import LoamSchema

/// Rows of a feature log, column by column: what ingest hands to the log and what a reader gets back.
///
/// Column names: `label/NAME`, `label/NAME/available_at`, `dense/NAME`, `id/NAME`, `weight`, `time/event`,
/// `time/known`. Real values are raw (transforms run in the reader); NaN means missing.
public struct RowGroup: Sendable, Equatable {
  public enum Column: Sendable, Equatable {
    case real([Float])
    case time([Timestamp])
    case ids(CodedIDs)

    public var rowCount: Int {
      switch self {
      case .real(let values): values.count
      case .time(let values): values.count
      case .ids(let ids): ids.rowCount
      }
    }
  }
  public var rowCount: Int
  public var columns: [String: Column]

  public init(rowCount: Int = 0, columns: [String: Column] = [:]) {
    self.rowCount = rowCount
    self.columns = columns
  }
}
