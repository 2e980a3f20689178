/// The scheduler: which process goes on, and what happens to it.
extension SimulatedWorld {
  private static let processesMax = 6
  private static let writersMax = 3

  /// Runs one world from empty to the end of everything that was begun; returns what did not hold.
  static func run(seed: UInt64, _ rules: SimulatedRules, steps: Int) -> (violation: String?, counts: SimulatedCounts) {
    let world = SimulatedWorld(seed: seed, rules)
    world.check(always: true)
    while world.step < steps, world.violation == nil { world.advance() }
    if world.violation == nil { world.quiesce() }
    world.counts.steps = world.step
    return (world.violation.map { "seed \(seed), step \(world.step): \($0)" }, world.counts)
  }

  private func advance() {
    step += 1
    if processes.count < Self.processesMax, chance(0.1) { spawn() }
    disturb()
    guard !processes.isEmpty else { return }
    // Of those that are not paused, one at random.
    var runnable = 0
    for process in processes where process.pausedUntil <= step { runnable += 1 }
    guard runnable > 0 else { return }
    var turn = below(runnable)
    for place in processes.indices where processes[place].pausedUntil <= step {
      if turn == 0 {
        if !processes[place].advance(self) { processes.remove(at: place) }
        return
      }
      turn -= 1
    }
  }

  private func spawn() {
    switch below(8) {
    case 0, 1:
      var writers = 0
      for process in processes where process is SimulatedWriter { writers += 1 }
      if writers < Self.writersMax { processes.append(SimulatedWriter(self)) }
    case 2, 3: processes.append(SimulatedReader(self))
    case 4: processes.append(SimulatedTagger(self))
    case 5: processes.append(SimulatedBackup(self))
    case 6: processes.append(SimulatedFolder(self))
    default: processes.append(SimulatedDelta(self))
    }
  }

  private func disturb() {
    let event = below(10_000)
    if event < 40 {
      guard !processes.isEmpty else { return }
      processes.remove(at: below(processes.count))
      counts.kills += 1
    } else if event < 45 {
      processes.removeAll()
      counts.powerCuts += 1
      if rules.missing == .lazilySyncedShards {
        for shard in shards.indices where chance(0.5) { shards[shard] = previous[shard] }
        check(always: true)
      }
    } else if event < 100 {
      guard !processes.isEmpty else { return }
      processes[below(processes.count)].pausedUntil = step + 5 + below(296)
    } else if event < 103 {
      diskIsFull.toggle()
    }
    if diskIsFull, chance(0.02) { diskIsFull = false }
  }

  /// All die; one after the other opens, cleans and is killed at it; then the blocks must be what kept versions see.
  private func quiesce() {
    processes.removeAll()
    diskIsFull = false
    for attempt in 0..<60 {
      let process = nextProcessNumber()
      aliveOutsideSchedule = process
      var cleaner = SimulatedCleaner()
      var steps = attempt < 20 ? 1 + below(12) : .max
      while steps > 0, cleaner.advance(self, process) == .working { steps -= 1 }
    }
    aliveOutsideSchedule = -1
    guard catalog.writes.isEmpty, catalog.leases == (0, 0) else { return violate("cleaning does not end") }
    hasFaults = false
    for number in shards.indices {
      for _ in 0..<40 {
        _ = changeShard(number) { SimulatedCollector.collect($0, catalog, blocksMax: 2, self) }
      }
    }
    check(always: true)
    for version in acknowledged where !dropped.contains(version) && version > catalog.latest {
      violate("the acknowledged version \(version) is lost")
    }
    checkNothingIsLeft()
  }

  private func checkNothingIsLeft() {
    for shard in shards {
      for cell in 0..<SimulatedShard.cells {
        var seen: Set<Int> = []
        for version in catalog.versions {
          var place = shard.newest(cell, upTo: version.stamp(SimulatedShard.table(cell)))
          while place >= 0 {
            seen.insert(place)
            place = shard.isPatch(place) ? shard.older(cell, place) : -1
          }
        }
        for place in shard.ends[cell]..<shard.ends[cell + 1] where shard.hasBlock(place) && !seen.contains(place) {
          violate("a block that no kept version sees is left")
        }
      }
    }
  }
}
