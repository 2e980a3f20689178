/// The assertions of protocol.md, section 10.
extension SimulatedWorld {
  /// After a quarter of the transactions; the others are between two of them.
  func check(always: Bool = false) {
    guard always || below(4) == 0 else { return }
    checkCatalog()
    checkBlocks()
    var place = 0
    while place < catalog.versions.count {
      match(catalog.versions[place], shards, "kept version")
      place += 1
    }
  }

  /// What a version shows on these shards is what it should contain.
  func match(_ version: SimulatedCatalog.Version, _ shards: [SimulatedShard], _ who: String) {
    let truth = truth(version.truth)
    var shard = 0
    while shard < Self.shardCount {
      let found = shards[shard]
      var cell = 0
      while cell < SimulatedShard.cells {
        let expected = Int(truth[shard * SimulatedShard.cells + cell])
        let place = found.newest(cell, upTo: version.stamp(SimulatedShard.table(cell)))
        let content = place < 0 ? 0 : found.content(cell, place)
        if content != expected {
          violate(
            "\(who): version \(version.number) shard \(shard) cell \(cell) is "
              + "\(content.map(String.init) ?? "a patch over nothing"), expected \(expected)")
        }
        cell += 1
      }
      shard += 1
    }
  }

  private func checkCatalog() {
    let catalog = catalog
    if catalog.versions.last?.number != catalog.latest { violate("latest has no record") }
    var before = (0, 0)
    for version in catalog.versions {
      if version.number >= catalog.nextVersion { violate("version \(version.number) is not below nextVersion") }
      if max(version.stamps.0, version.stamps.1) >= catalog.nextStamp { violate("a stamp is not below nextStamp") }
      if version.stamps.0 < before.0 || version.stamps.1 < before.1 { violate("stamps fall") }
      before = version.stamps
    }
    for table in 0..<SimulatedShard.tables where catalog.lease(table) != 0 {
      if catalog.placeOfWrite(catalog.lease(table)) == nil { violate("a lease without a write") }
    }
    for write in catalog.writes {
      for table in 0..<SimulatedShard.tables where write.tables & 1 << table != 0 {
        if catalog.lease(table) != write.stamp { violate("a write without its lease") }
      }
      for base in write.bases where catalog.place(of: base) == nil { violate("a base that is not kept") }
    }
  }

  private func checkBlocks() {
    guard let latest = catalog.versions.last else { return }
    var number = 0
    while number < Self.shardCount {
      let shard = shards[number]
      var cell = 0
      while cell < SimulatedShard.cells {
        let table = SimulatedShard.table(cell)
        var hasOlder = false
        var place = shard.ends[cell]
        while place < shard.ends[cell + 1] {
          if shard.hasBlock(place) {
            if shard.stamp(place) > latest.stamp(table) { checkUnpublished(shard.stamp(place), table) }
            if hasOlder, !shard.hasChange(place) { violate("a block over an older one without an entry in changes") }
            hasOlder = true
          }
          place += 1
        }
        cell += 1
      }
      number += 1
    }
  }

  private func checkUnpublished(_ stamp: Int, _ table: Int) {
    let lease = catalog.lease(table)
    guard lease != stamp else { return }
    guard let place = catalog.placeOfWrite(lease), catalog.writes[place].dropped != 0, stamp < lease else {
      violate("a block above latest that belongs to no write")
      return
    }
  }
}
