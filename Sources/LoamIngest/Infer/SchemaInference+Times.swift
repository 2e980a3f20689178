import LoamSchema

extension SchemaInference {
  static let timeWords: Set<String> = [
    "time", "timestamp", "ts", "date", "datetime", "day", "at", "ms", "showtime", "eventdate", "created", "event",
  ]

  /// Columns that say nothing are noted; the others are returned.
  mutating func leaveOut(_ profiles: [ColumnProfile]) -> [ColumnProfile] {
    var seen: Set<String> = []
    return profiles.filter { profile in
      let reason: String? =
        profile.column.isEmpty
        ? "it has no name"
        : !seen.insert(profile.column).inserted
          ? "an earlier column has this name"
          : profile.isStructure
            ? "its values are JSON objects or nested arrays"
            : profile.present == 0
              ? "no value in the sample"
              : profile.isCountingUp && profile.isUnique && profile.present > 2
                && profile.isNamed(["id", "index", "row"])
                ? "it counts the rows"
                : ["id", "index", "row", "row_id", "rowid", "uuid"].contains(profile.word) && profile.isUnique
                  ? "every row has another value" : nil
      if let reason { leftOut.append(LeftOut(column: profile.column, reason: reason)) }
      return reason == nil
    }
  }

  /// The first complete time is the event time; others wait for a label that starts with their name.
  mutating func takeTimes(_ rest: inout [ColumnProfile]) {
    let times = rest.compactMap { profile in Self.timeUnit(of: profile).map { (profile: profile, unit: $0) } }
    guard let event = times.min(by: { ($0.profile.missing, $0.profile.index) < ($1.profile.missing, $1.profile.index) })
    else { return }
    schema.eventTime = TimeColumn(column: event.profile.column, unit: event.unit)
    notes["event_time"] = event.profile.evidence
    rest.removeAll { $0.index == event.profile.index }
  }

  static func timeUnit(of profile: ColumnProfile) -> TimeColumn.Unit? {
    if profile.isTime { return .iso8601 }
    guard profile.isNumber, profile.isNamed(timeWords) || profile.word.hasSuffix("time") else { return nil }
    // 1980 to 2100 in the three units.
    let seconds = 315_532_800.0...4_102_444_800.0
    for (unit, factor) in [(TimeColumn.Unit.seconds, 1.0), (.milliseconds, 1e3), (.microseconds, 1e6)]
    where seconds.contains(profile.minimum / factor) && seconds.contains(profile.maximum / factor) {
      return unit
    }
    return nil
  }
}
