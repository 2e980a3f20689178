/// Rows of the log that become events of an entity's timeline.
public struct TimelineField: Sendable, Equatable, Codable {
  /// `label == equals`: which rows become events.
  public struct Condition: Sendable, Equatable, Codable {
    public var label: String
    public var equals: Float
    public init(label: String, equals: Float) {
      self.label = label
      self.equals = equals
    }
  }
  public var name: String
  /// The ID field (single) whose value is the entity.
  public var entity: String
  /// All must hold; none: every row.
  public var when: [Condition]
  /// ID (single), dense and label fields that an event keeps.
  public var fields: [String]
  /// The ID field among them whose values are counted in pairs that follow each other; `nil`: none is.
  public var pairs: String?

  public init(name: String, entity: String, when: [Condition] = [], fields: [String], pairs: String? = nil) {
    self.name = name
    self.entity = entity
    self.when = when
    self.fields = fields
    self.pairs = pairs
  }
}
