import LoamSchema

/// What happened to an entity at a time.
public struct Event: Sendable, Equatable {
  public var entity: ID
  public var time: Timestamp
  /// When the store could know of it: visible at t are events with `time < t` and `knownAt <= t`.
  public var knownAt: Timestamp
  /// One for each field of the timeline; fewer: the rest is missing.
  public var values: [EventValue]

  public init(entity: ID, time: Timestamp, knownAt: Timestamp? = nil, values: [EventValue] = []) {
    self.entity = entity
    self.time = time
    self.knownAt = knownAt ?? time
    self.values = values
  }
}

/// The value of one field; `id(.missing)` and `real(.nan)` are missing.
public enum EventValue: Sendable, Equatable {
  case id(ID)
  case real(Float)
}
