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
  public var labels: [LabelField]
  public var dense: [DenseField]
  public var ids: [IDField]
  public var timelines: [TimelineField]

  public init(
    name: String, format: RecordFormat, eventTime: TimeColumn? = nil, knownAt: KnownAt = .eventTime,
    weight: String? = nil, labels: [LabelField] = [], dense: [DenseField] = [], ids: [IDField] = [],
    timelines: [TimelineField] = []
  ) {
    self.name = name
    self.format = format
    self.eventTime = eventTime
    self.knownAt = knownAt
    self.weight = weight
    self.labels = labels
    self.dense = dense
    self.ids = ids
    self.timelines = timelines
  }
}
