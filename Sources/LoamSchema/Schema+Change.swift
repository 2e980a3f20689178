extension Schema {
  /// Why logs written under `old` cannot be continued under this schema; `nil`: they can.
  ///
  /// Fields may be added, left out (their columns stay, and read as missing from then on), or get other transforms. What
  /// rows that are stored already would be misread by may not change: kinds, shapes, spaces, the time that counts, the row
  /// key.
  public func conflict(replacing old: Schema) -> String? {
    for (before, now) in pairs(old.labels, labels, by: \.name) where before.kind != now.kind {
      return "label '\(now.name)' is \(before.kind.rawValue) in the store, not \(now.kind.rawValue)"
    }
    for (before, now) in pairs(old.labels, labels, by: \.name) where !now.classes.starts(with: before.classes) {
      return "label '\(now.name)' has the classes \(before.classes.joined(separator: ", ")) in the store, in that order"
    }
    for (before, now) in pairs(old.ids, ids, by: \.name) {
      if (before.shape == .single) != (now.shape == .single) {
        return "ID field '\(now.name)' is \(before.shape.rawValue) in the store, not \(now.shape.rawValue)"
      }
      if before.space != now.space {
        return "ID field '\(now.name)' belongs to the space '\(before.space)' in the store, not '\(now.space)'"
      }
    }
    for before in old.ids {
      if let now = ids.first(where: { $0.space == before.space && $0.kind != before.kind }) {
        return
          "the IDs of the space '\(now.space)' are of kind \(before.kind.rawValue) in the store, not \(now.kind.rawValue)"
      }
    }
    for before in old.ids {
      if let now = ids.first(where: { $0.space == before.space && $0.admission != before.admission }) {
        return "the IDs of the space '\(now.space)' are "
          + (before.admission == nil ? "counted exactly in the store" : "admitted otherwise in the store")
      }
    }
    if (old.eventTime == nil) != (eventTime == nil) {
      return old.eventTime == nil ? "the store's logs have no event time" : "the store's logs have an event time"
    }
    if !old.rowKey.isEmpty, !rowKey.isEmpty, old.rowKey != rowKey {
      return "the row key is \(old.rowKey.joined(separator: ", ")) in the store, not \(rowKey.joined(separator: ", "))"
    }
    for (before, now) in pairs(old.timelines, timelines, by: \.name) where before.entity != now.entity {
      return "timeline '\(now.name)' is of '\(before.entity)' in the store, not '\(now.entity)'"
    }
    for (before, now) in pairs(old.events, events, by: \.name) {
      if let conflict = now.conflict(replacing: before) { return "events '\(now.name)': \(conflict)" }
    }
    return nil
  }

  private func pairs<Field>(_ old: [Field], _ new: [Field], by name: KeyPath<Field, String>) -> [(Field, Field)] {
    new.compactMap { field in
      old.first { $0[keyPath: name] == field[keyPath: name] }.map { ($0, field) }
    }
  }
}
