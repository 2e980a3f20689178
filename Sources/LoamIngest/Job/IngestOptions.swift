import LoamSchema

/// How an ingest is done.
public struct IngestOptions: Sendable {
  /// The log that takes the rows; made where the store has none of that name.
  public var log: String
  /// Rows of one version. What is stored in the end does not depend on it.
  public var batchRows: Int
  /// Malformed rows that are passed over; one more ends the ingest.
  public var maxBadRows: Int
  /// Rows go into the log; else they become events alone, and the log keeps how far each file was read.
  public var keepsRows: Bool
  /// What `known_at: now` stores.
  public var now: Timestamp
  /// Of the versions that it publishes.
  public var note: String

  public init(
    log: String, batchRows: Int = 262_144, maxBadRows: Int = 0, keepsRows: Bool = true,
    now: Timestamp = currentTime(), note: String? = nil
  ) {
    self.log = log
    self.batchRows = batchRows
    self.maxBadRows = maxBadRows
    self.keepsRows = keepsRows
    self.now = now
    self.note = note ?? "ingest \(log)"
  }
}
