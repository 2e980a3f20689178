import LoamSchema

/// Which events of an entity's past are wanted: those with `since <= time < before`, `knownAt <= knownBy`, that meet all
/// conditions.
public struct PastQuery: Sendable {
  /// A field's value is one of these.
  public struct Condition: Sendable, Equatable {
    public var field: Int
    /// Bits: IDs, or those of Floats.
    public var values: [UInt64]

    public init(field: Int, values: [UInt64]) {
      self.field = field
      self.values = values
    }
  }
  public var entity: ID
  public var before: Timestamp
  public var knownBy: Timestamp
  public var since: Timestamp
  public var conditions: [Condition]
  /// Newest first, at most so many.
  public var limit: Int

  public init(
    _ entity: ID, before: Timestamp = .max, knownBy: Timestamp? = nil, since: Timestamp = .min,
    conditions: [Condition] = [], limit: Int = .max
  ) {
    self.entity = entity
    self.before = before
    self.knownBy = knownBy ?? before
    self.since = since
    self.conditions = conditions
    self.limit = limit
  }
}
