/// The vocabulary of one feature log: which columns a file has and what they mean.
///
/// ```
///   file column ──▶ label | dense field | ID field | event time | known_at | weight
///                                            │
///                                            ├──▶ ID space   (dictionary, counts)
///                                            └──▶ timeline   (rows that become events of an entity)
/// ```
///
/// Dimensions and minimum counts are not here: they belong to a model's config.
public struct Schema: Sendable, Equatable, Codable {
  public var name: String
  public var format: RecordFormat
  /// When the row happened; `nil` where the log has no time.
  public var eventTime: TimeColumn?
  /// When the row became known. Visible at t: event time < t and known_at <= t.
  public var knownAt: KnownAt
  /// Column of the sample weight; 1 where absent.
  public var weight: String?
  /// Columns whose texts together tell a row from every other: a row of a key that the log has met is not taken again.
  /// None: every row is taken.
  public var rowKey: [String]
  public var labels: [LabelField]
  public var dense: [DenseField]
  public var ids: [IDField]
  public var timelines: [TimelineField]
  /// Files of events that go into a timeline of their own, not into a log: each a schema with that one timeline, whose
  /// name it has and whose fields are all of its other fields.
  public var events: [Schema]

  public init(
    name: String, format: RecordFormat, eventTime: TimeColumn? = nil, knownAt: KnownAt = .eventTime,
    weight: String? = nil, rowKey: [String] = [], labels: [LabelField] = [], dense: [DenseField] = [],
    ids: [IDField] = [],
    timelines: [TimelineField] = [], events: [Schema] = []
  ) {
    self.name = name
    self.format = format
    self.eventTime = eventTime
    self.knownAt = knownAt
    self.weight = weight
    self.rowKey = rowKey
    self.labels = labels
    self.dense = dense
    self.ids = ids
    self.timelines = timelines
    self.events = events
  }

  /// The ID fields of the log and of all event files.
  public var allIDs: [IDField] { ids + events.flatMap(\.ids) }
  /// The timelines of the log and of all event files.
  public var allTimelines: [TimelineField] { timelines + events.flatMap(\.timelines) }
}
