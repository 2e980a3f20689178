import ArgumentParser
import LoamIngest
import LoamQuery
import LoamSchema
import LoamStore

struct Trim: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove old events of a timeline: by age, by number for each entity, or both.",
    discussion: "One new version is without them. Versions before keep what they have.")

  @OptionGroup var path: StoreArgument
  @Option(help: "The timeline, by its name or by the field of its entities.")
  var entity: String
  @Option(help: "Events of longer ago than this go: 90d, 12h.")
  var olderThan: String?
  @Option(help: "An entity keeps so many of its newest events.")
  var keepLast: Int?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard olderThan != nil || keepLast != nil else { throw ValidationError("say --older-than, --keep-last, or both") }
    if let keepLast, keepLast < 0 { throw ValidationError("--keep-last must not be negative, found \(keepLast)") }
    if let olderThan, SpanText.microseconds(olderThan) == nil {
      throw ValidationError("--older-than must be a span of time, found '\(olderThan)'. \(SpanText.hint)")
    }
  }

  func answer(_ console: Console) throws -> Trimmed {
    let store = try path.open(for: .write)
    let timeline = try store.snapshot().timeline(entity)
    let oldest = olderThan.flatMap(SpanText.microseconds).map { currentTime() - $0 }
    let trimmed = try store.trim(TableName(.timeline, timeline.name), oldest: oldest, lengthMax: keepLast)
    return Trimmed(timeline: timeline.name, events: trimmed.events, version: trimmed.version)
  }
}

struct Trimmed: Report {
  var timeline: String
  /// Removed.
  var events: Int
  /// The version without them; absent: there were none.
  var version: UInt64?
  var isAnswer: Bool { false }

  var page: Page {
    Page(.title("\(Quantity.count(events, "event")) of the timeline \(timeline) removed"))
  }
}

extension Snapshot {
  /// The timeline of this name, or else of this entity.
  func timeline(_ name: String) throws -> TimelineField {
    let known = try schema().allTimelines
    if let found = known.first(where: { $0.name == name }) ?? known.first(where: { $0.entity == name }) { return found }
    throw CommandError(
      .unknownTable, "the schema declares no timeline '\(name)'",
      hint: nearestName(to: name, among: known.map(\.name)).map { "Did you mean '\($0)'?" }
        ?? "It has: \(known.map(\.name).joined(separator: ", ")).")
  }
}
