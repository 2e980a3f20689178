import LoamStore

/// The named limits of ingest: what an input may make it hold in memory.
public enum IngestLimits {
  /// Bytes read from an input at a time, and decoded at a time.
  public static let chunkBytes = 1 << 20
  /// The longest record, with its line end.
  public static let recordBytes = 16 << 20
  /// The longest string ID, in bytes of UTF-8.
  public static let stringIDBytes = 256
  /// Records that are parsed together, and bytes from which on a chunk takes no more of them.
  public static let chunkRecords = FeatureLogWriter.rowsPerGroup
  public static let chunkRecordBytes = 16 << 20
  /// Columns of a file.
  public static let columns = 65_535
  /// Objects and arrays inside each other in a JSON record.
  public static let jsonDepth = 32
  /// Malformed rows that a report names; the rest are counted.
  public static let reportedRows = 20
  /// Decoded bytes by which a file is recognised when an ingest is resumed.
  public static let fingerprintBytes = 64 << 10
  /// Characters of offending text in a message.
  public static let excerptCharacters = 40
  /// Rows of one batch: its columns are held in memory.
  public static let batchRows = 16 << 20
  /// Distinct IDs of a space in one batch: codes are 32 bits wide.
  public static let distinctIDs = Int(UInt32.max) - 1
}
