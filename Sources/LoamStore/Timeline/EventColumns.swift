import LoamSchema

/// Events column by column: what bulk writers append without a value of its own for each event.
public struct EventColumns: Sendable {
  public var entities: [ID]
  public var times: [Timestamp]
  public var knownAts: [Timestamp]
  /// For each field of the timeline the bits of each value: IDs, or those of Floats.
  public var fields: [[UInt64]]

  public init(entities: [ID], times: [Timestamp], knownAts: [Timestamp]? = nil, fields: [[UInt64]] = []) {
    self.entities = entities
    self.times = times
    self.knownAts = knownAts ?? times
    self.fields = fields
  }
}
