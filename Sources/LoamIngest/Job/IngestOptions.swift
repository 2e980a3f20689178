import FoundationEssentials
import LoamSchema

/// How an ingest is done.
public struct IngestOptions: Sendable {
  /// The log that takes the rows; made where the store has none of that name.
  public var log: String
  /// Records of one version. What is stored in the end does not depend on it.
  public var batchRows: Int
  /// That parse, count and pack. What is stored does not depend on it.
  public var threads: Int
  /// Records parsed together, at most `IngestLimits.chunkRecords`. What is stored does not depend on it.
  public var chunkRecords: Int
  /// Malformed rows that are passed over; one more ends the ingest.
  public var maxBadRows: Int
  /// Rows go into the log; else they become events alone, and the log keeps how far each file was read.
  public var keepsRows: Bool
  /// What `known_at: now` stores.
  public var now: Timestamp
  /// Of the versions that it publishes.
  public var note: String
  /// Memory of changed blocks, `Write.dirtyBytesMax`; `nil`: what a write has unless told. What is stored does not depend
  /// on it.
  public var dirtyBytesMax: Int?

  public init(
    log: String, batchRows: Int = 1_048_576, maxBadRows: Int = 0, keepsRows: Bool = true,
    now: Timestamp = currentTime(), note: String? = nil,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount, chunkRecords: Int = IngestLimits.chunkRecords,
    dirtyBytesMax: Int? = nil
  ) {
    self.log = log
    self.batchRows = batchRows
    self.maxBadRows = maxBadRows
    self.keepsRows = keepsRows
    self.now = now
    self.note = note ?? "ingest \(log)"
    self.threads = threads
    self.chunkRecords = chunkRecords
    self.dirtyBytesMax = dirtyBytesMax
  }
}
