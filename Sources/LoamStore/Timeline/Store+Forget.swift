import LoamSchema

/// What was taken away of one ID, and where it still is.
public struct Forgotten: Sendable, Equatable {
  /// Events removed, by timeline; those that had none are left out.
  public var events: [TableName: Int] = [:]
  /// Tables of IDs that lost its row.
  public var rows: [TableName] = []
  /// The version without them; `nil`: the latest had nothing of the ID.
  public var version: UInt64?
  /// Kept versions that still hold something of it, and in which tables.
  public var holders: [UInt64: [TableName]] = [:]
}

extension Store {
  /// Removes an ID's events from timelines and its row from tables of IDs, in one new version.
  ///
  /// Versions before keep what they have; `holders` names them. A table that a version does not have is passed over.
  public func forget(_ id: ID, timelines: [TableName], tables: [TableName]) throws(StoreError) -> Forgotten {
    var forgotten = Forgotten()
    let latest = try snapshot()
    let found = try holdings(id, timelines, tables, latest)
    if !found.isEmpty {
      let write = try begin(try latest.specsWithPairs(found))
      defer { write.abandon() }
      for name in found {
        if name.kind == .timeline {
          forgotten.events[name] = try write.remove(from: name, where: { _ in true }, entity: id)
        } else {
          let table = try IDTableWriter(write, write.spec(name))
          if try table.remove(id) { forgotten.rows.append(name) }
          try table.flush()
        }
      }
      forgotten.version = try write.publish(PublishOptions(note: "forget an ID")).version
    }
    for record in try versions() {
      guard let kept = try? snapshot(at: .number(record.version)) else { continue }
      let held = try holdings(id, timelines, tables, kept)
      if !held.isEmpty { forgotten.holders[record.version] = held }
    }
    return forgotten
  }

  /// The tables of a version that have something of the ID.
  private func holdings(
    _ id: ID, _ timelines: [TableName], _ tables: [TableName], _ snapshot: Snapshot
  ) throws(StoreError) -> [TableName] {
    var found: [TableName] = []
    for name in timelines {
      guard let reader = try TimelineReader(snapshot, name) else { continue }
      if try reader.newestPast(PastQuery(id)) != nil { found.append(name) }
    }
    for name in tables {
      guard let reader = try IDTableReader(snapshot, name) else { continue }
      if try !reader.find(id).isNone { found.append(name) }
    }
    return found
  }

  /// Removes events of a timeline that are older than `oldest`, or that are not among an entity's newest `lengthMax`
  /// (the later of equal times is the newer). Gives their number and the new version, if there were any.
  public func trim(
    _ name: TableName, oldest: Timestamp? = nil, lengthMax: Int? = nil
  ) throws(StoreError) -> (events: Int, version: UInt64?) {
    let latest = try snapshot()
    guard let reader = try TimelineReader(latest, name) else { return (0, nil) }
    let write = try begin(try latest.specsWithPairs([name]))
    defer { write.abandon() }
    var lengths: [ID: Int] = [:]
    if let lengthMax {
      try reader.forEachBlock { (_, block, _) throws(StoreError) in
        for (position, entity) in block.entities.enumerated() where oldest.map({ block.times[position] >= $0 }) ?? true
        {
          lengths[entity, default: 0] += 1
        }
      }
      lengths = lengths.filter { $0.value > lengthMax }
    }
    let removed = try write.remove(
      from: name,
      where: { event in
        if let oldest, event.time < oldest { return true }
        guard let lengthMax, let length = lengths[event.entity] else { return false }
        lengths[event.entity] = length > lengthMax ? length - 1 : nil
        return length > lengthMax
      })
    guard removed > 0 else { return (0, nil) }
    return (removed, try write.publish(PublishOptions(note: "trim \(name)")).version)
  }
}
