/// Which rows of an embedding table are to go: those that meet every condition that is given.
///
/// The rows of `ID.missing` and `ID.unknown` stay whatever they hold.
public struct EvictionRule: Sendable, Codable, Equatable {
  /// The row's last step lies more than so many steps behind the table's latest.
  public var olderThan: UInt64?
  /// The row occurred less often than this in training.
  public var countBelow: UInt64?
  /// The L2 norm of the row's vector, or the magnitude of its weight in a table without vectors, is less than this. What
  /// decay is due is taken off first.
  public var normBelow: Double?

  public init(olderThan: UInt64? = nil, countBelow: UInt64? = nil, normBelow: Double? = nil) {
    (self.olderThan, self.countBelow, self.normBelow) = (olderThan, countBelow, normBelow)
  }

  public var isEmpty: Bool { olderThan == nil && countBelow == nil && normBelow == nil }
}

/// What goes with an eviction, beside what the table has.
public struct EvictionReport: Sendable, Codable, Equatable {
  public var rows: UInt64 = 0
  public var rowsOfTable: UInt64 = 0
  /// Of rows in all columns, with their IDs: room for rows to come, since the files keep their size.
  public var bytes: UInt64 = 0
  public var bytesOfTable: UInt64 = 0
  /// How often the rows occurred in training; 0 in a table that does not count.
  public var occurrences: UInt64 = 0
  public var occurrencesOfTable: UInt64 = 0
  /// The highest step of any row.
  public var latestStep: UInt64 = 0
  /// The version without the rows; `nil`: nothing was published.
  public var version: UInt64?

  /// Of the occurrences, those of the rows that go: how much of the traffic will read the unknown row until the IDs are
  /// admitted again.
  public var trafficShare: Double {
    occurrencesOfTable == 0 ? 0 : Double(occurrences) / Double(occurrencesOfTable)
  }
}
