import LoamQuery
import LoamSchema
import LoamStore

/// A timeline of a version.
struct OpenTimeline: Sendable {
  let name: String
  let reader: TimelineReader

  init(_ snapshot: Snapshot, _ name: String) throws {
    guard let reader = try TimelineReader(snapshot, TableName(.timeline, name)) else {
      let names = snapshot.tables.filter { $0.kind == .timeline }.map(\.name)
      throw APIError(
        .unknownTable, "version \(snapshot.record.version) has no timeline '\(name)'",
        hint: nearestName(to: name, among: names).map { "Did you mean \($0)?" }
          ?? (names.isEmpty ? "It has none." : "It has: \(names.joined(separator: ", "))"))
    }
    (self.name, self.reader) = (name, reader)
  }

  /// Where events go: a column each, the newest first. Values are IDs, or the bits of an f32.
  struct Columns {
    var times, knownAts: UnsafeMutableBufferPointer<Int64>
    /// `[fields, limit]`.
    var values: UnsafeMutableBufferPointer<UInt64>
  }

  /// Answers how many events there are.
  func read(_ entity: ID, before: Timestamp, knownBy: Timestamp, limit: Int, into columns: Columns) throws -> Int {
    let past = EntityPast(reader, of: entity, before: before, knownBy: knownBy)
    let events = try past.last(limit)
    for (place, event) in events.enumerated() {
      columns.times[place] = event.time
      columns.knownAts[place] = event.knownAt
      for (field, value) in event.values.enumerated() {
        columns.values[field * limit + place] =
          switch value {
          case .id(let id): id
          case .real(let real): UInt64(real.bitPattern)
          }
      }
    }
    return events.count
  }
}
