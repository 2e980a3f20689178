/// A column that holds a time, and its unit in the file. Stored as microseconds UTC.
public struct TimeColumn: Sendable, Equatable, Codable {
  public enum Unit: String, Sendable, Codable, CaseIterable {
    case seconds, milliseconds, microseconds
    /// ISO 8601, with or without a zone (UTC then): `2019-11-24 00:01:03.979311+00:00`.
    case iso8601
  }
  public var column: String
  public var unit: Unit
  public init(column: String, unit: Unit) {
    self.column = column
    self.unit = unit
  }
}

/// When a row became known to the store.
public enum KnownAt: Sendable, Equatable, Codable {
  /// At its event time: the default for files.
  case eventTime
  case column(TimeColumn)
  /// When it was ingested.
  case now
}
