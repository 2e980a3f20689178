/// The 64-bit ID of a user, an item, a query: anything that has a row.
///
/// An ID field is declared `integer` (the number itself, 0 ... 2^64 - 3) or `string` (XXH3-64 of its UTF-8 bytes;
/// the dictionary keeps the string, so that it can be shown and a collision is an error naming both).
/// The two highest values are reserved for rows that every table has.
public typealias ID = UInt64

extension ID {
  /// The field was absent or held the missing marker.
  public static let missing: ID = .max
  /// The ID was present, but the model never admitted it (too rare, or first seen after training).
  public static let unknown: ID = .max - 1
  /// The largest ID that data may use.
  public static let largest: ID = .max - 2
}

/// Microseconds since 1970-01-01T00:00:00Z.
public typealias Timestamp = Int64

extension Timestamp {
  /// The time is absent.
  public static let absent: Timestamp = .min
}
