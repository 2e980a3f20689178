/// The catalog transactions that begin something.
extension SimulatedWorld {
  struct Begun {
    var stamp: Int
    var base: Int
  }
  enum BeginOutcome {
    case begun(Begun)
    case refused
    /// The commit returned an error and did not happen, or did without the process knowing.
    case lost(mayHoldLease: Bool)
  }

  /// A write, or with no tables a hold.
  func begin(_ tables: Int, bases: [Int], owner: Int) -> BeginOutcome {
    var begun: Begun?
    var happened = false
    let outcome = changeCatalog(
      { catalog in
        for base in bases where catalog.place(of: base) == nil { return false }
        for table in 0..<SimulatedShard.tables where tables & 1 << table != 0 && catalog.lease(table) != 0 {
          return false
        }
        let stamp = catalog.nextStamp
        catalog.nextStamp += 1
        for table in 0..<SimulatedShard.tables where tables & 1 << table != 0 { catalog.setLease(table, stamp) }
        catalog.writes.append(
          SimulatedCatalog.Write(
            stamp: stamp, owner: owner, tables: tables, bases: [catalog.latest] + bases, since: step))
        begun = Begun(stamp: stamp, base: catalog.latest)
        return true
      }, committed: { happened = true })
    switch outcome {
    case .done: return .begun(begun!)
    case .refused: return .refused
    case .unknown: return .lost(mayHoldLease: happened)
    }
  }

  /// Makes `version` the latest. What is above it is cleaned by whoever cleans next.
  func dropNewer(than version: Int, owner: Int) {
    let missing = rules.missing
    var last = 0
    let outcome = changeCatalog(
      { catalog in
        guard let target = catalog.version(version), let latest = catalog.version(catalog.latest),
          latest.number > version
        else { return false }
        if max(catalog.tags.0, catalog.tags.1, catalog.tags.2) > version { return false }
        for write in catalog.writes where write.bases.contains(where: { $0 > version }) { return false }
        var differing = 0
        for table in 0..<SimulatedShard.tables where target.stamp(table) != latest.stamp(table) {
          differing |= 1 << table
          if catalog.lease(table) != 0 { return false }
        }
        let stamp = catalog.nextStamp
        catalog.nextStamp += 1
        for table in 0..<SimulatedShard.tables where differing & 1 << table != 0 { catalog.setLease(table, stamp) }
        catalog.writes.append(
          SimulatedCatalog.Write(
            stamp: stamp, owner: owner, tables: differing, bases: [], dropped: differing, floors: target.stamps,
            isDead: true, since: step))
        last = catalog.nextVersion
        catalog.versions.removeAll { $0.number > version }
        catalog.latest = version
        if missing == .numbersReused { catalog.nextVersion = version + 1 }
        return true
      }, committed: { for number in version + 1..<last { dropped.insert(number) } })
    if outcome != .refused { counts.drops += 1 }
  }
}
