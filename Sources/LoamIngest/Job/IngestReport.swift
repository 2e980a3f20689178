/// What an ingest has done.
public struct IngestReport: Sendable, Codable {
  public enum Outcome: String, Sendable, Codable {
    case ingested
    /// Read on from where the last version of the log ended.
    case resumed
    /// The log had it all.
    case skipped
  }

  public struct Source: Sendable, Codable {
    public var name: String
    public var outcome: Outcome
    /// Of this run.
    public var records: Int
    public var rows: Int
    public var bad: Int
    /// Rows left out because the log has met their key.
    public var repeated: Int
    /// Records that the log had before.
    public var recordsBefore: Int
  }

  public var sources: [Source] = []
  /// Rows stored by this run.
  public var rows = 0
  /// Malformed rows passed over.
  public var badRows = 0
  /// Rows left out because the log has met their key, in this run or before; 0 without a row key.
  public var repeatedRows = 0
  /// The first malformed ones, at most `IngestLimits.reportedRows`.
  public var badSamples: [BadRow] = []
  /// Versions published.
  public var versions: [UInt64] = []
  /// IDs that the spaces did not have before.
  public var newIDs: [String: Int] = [:]
  /// Rows of the log now.
  public var logRows = 0
  public var seconds = 0.0
}

/// Where an ingest is: for a progress bar.
public struct IngestProgress: Sendable {
  public var source: String
  /// Of the file as it lies there.
  public var bytesRead: Int
  /// `nil` for a pipe.
  public var bytesTotal: Int?
  /// Rows of this run so far, those of the batch at hand included.
  public var rows: Int
  public var badRows: Int
  public var rowsPerSecond: Double
  /// The version just published; `nil` between them.
  public var version: UInt64?
}
