import LoamSchema

/// What a request needs: the features of its IDs at its time, each by name.
///
/// ```
///   request  user, item, time ──▶ vector     a model's vector of an ID
///                                 pooled     the vectors of an entity's last IDs, as one
///                                 latest     last values before the time
///                                 sequence   last N values before the time
///                                 window     count, sum, mean, min, max, distinct over a span before the time
///                                 count      how often a log has an ID
///                                 attribute  a column of an ID's row
/// ```
///
/// The same view answers a file of requests for training and one request while serving: `ViewReader`.
public struct FeatureView: Sendable, Equatable, Codable {
  /// A field's value is one of these texts, as they are written in files.
  public struct Condition: Sendable, Equatable, Codable {
    public var field: String
    public var values: [String]
    public init(field: String, values: [String]) { (self.field, self.values) = (field, values) }
  }

  /// Which events of a timeline.
  public struct Events: Sendable, Equatable, Codable {
    public var timeline: String
    /// The request's ID whose events they are.
    public var entity: String
    /// Microseconds before the request's time; `nil`: the whole past.
    public var span: Int64?
    public var conditions: [Condition]

    public init(timeline: String, entity: String, span: Int64? = nil, conditions: [Condition] = []) {
      (self.timeline, self.entity, self.span, self.conditions) = (timeline, entity, span, conditions)
    }
  }

  public enum PooledAs: String, Sendable, Codable, CaseIterable { case sum, mean }

  public enum Kind: Sendable, Equatable, Codable {
    case vector(id: String, model: String)
    case pooled(field: String, model: String, last: Int, as: PooledAs, Events)
    /// No fields: all of the timeline.
    case latest(fields: [String], Events)
    case sequence(field: String, last: Int, Events)
    case window(WindowTake, field: String?, Events)
    case count(id: String, log: String)
    case attribute(column: String, table: String, id: String)
  }

  public struct Feature: Sendable, Equatable, Codable {
    public var name: String
    public var kind: Kind
    public init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
  }

  public var name: String
  /// ID fields that a request has.
  public var ids: [String]
  public var time: TimeColumn
  /// Answers as known then instead of at the request's time.
  public var knownBy: TimeColumn?
  /// Real columns of the requests' file that go into the output as they are.
  public var carry: [String]
  public var features: [Feature]

  public init(
    name: String, ids: [String], time: TimeColumn = TimeColumn(column: "time", unit: .iso8601),
    knownBy: TimeColumn? = nil, carry: [String] = [], features: [Feature]
  ) {
    (self.name, self.ids, self.time, self.knownBy) = (name, ids, time, knownBy)
    (self.carry, self.features) = (carry, features)
  }
}
