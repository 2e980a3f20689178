/// How far an input was read: stored with the rows, so that an interrupted ingest goes on where the last version ends.
public struct LogSource: Codable, Sendable, Equatable {
  public var name: String
  /// Tells another file of the same name from this one.
  public var fingerprint: String
  /// Records read so far, stored or not.
  public var records: UInt64
  /// Rows stored.
  public var rows: UInt64
  /// Records that were refused.
  public var bad: UInt64
  /// Nothing is left to be read.
  public var complete: Bool

  public init(
    name: String, fingerprint: String, records: UInt64 = 0, rows: UInt64 = 0, bad: UInt64 = 0, complete: Bool = false
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.records = records
    self.rows = rows
    self.bad = bad
    self.complete = complete
  }
}
