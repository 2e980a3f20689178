/// The protocol of versions as a model: environments that commit atomically, processes of one step at a time, killed or
/// paused between any two. It shares no code with the product, whose design it proves; protocol.md describes both.
final class SimulatedWorld {
  static let shardCount = 2
  /// Cells of a version, shard after shard.
  static let cells = shardCount * SimulatedShard.cells

  enum Outcome {
    case done, refused
    /// The commit returned an error: it happened, or not.
    case unknown
  }

  let rules: SimulatedRules
  var random: SeededGenerator
  var catalog: SimulatedCatalog
  /// By shard; what it was before the last commit, for power cuts with lazy syncing.
  var shards: [SimulatedShard]
  var previous: [SimulatedShard]
  var hasFaults = true
  var diskIsFull = false
  var step = 0
  var serial = 0
  var processes: [any SimulatedProcess] = []
  private var nextProcess = 0
  /// Processes that clean at the end without being scheduled.
  var aliveOutsideSchedule = -1
  var acknowledged: Set<Int> = []
  /// Versions that a drop has removed for good.
  var dropped: Set<Int> = []
  var counts = SimulatedCounts()
  private(set) var violation: String?

  /// What each version contains: `cells` values, 0 is absent.
  private var truths: UnsafeMutablePointer<Int32>
  private var truthCount = 0
  private var truthCapacity = 1 << 10

  init(seed: UInt64, _ rules: SimulatedRules) {
    self.rules = rules
    random = SeededGenerator(seed)
    shards = (0..<Self.shardCount).map { _ in SimulatedShard() }
    previous = shards
    truths = .allocate(capacity: truthCapacity * Self.cells)
    catalog = SimulatedCatalog(truth: 0)
    truthCount = 1
    truths.initialize(repeating: 0, count: Self.cells)
  }

  deinit { truths.deallocate() }

  func violate(_ what: @autoclosure () -> String) { if violation == nil { violation = what() } }

  // Chance.

  func chance(_ probability: Double) -> Bool { Double(random.next() >> 11) < probability * 0x1p53 }

  /// 0 ..< bound
  func below(_ bound: Int) -> Int { Int(((random.next() >> 32) &* UInt64(bound)) >> 32) }

  func anyVersion() -> SimulatedCatalog.Version { catalog.versions[below(catalog.versions.count)] }

  // Processes.

  func nextProcessNumber() -> Int {
    nextProcess += 1
    return nextProcess
  }

  func isAlive(_ process: Int) -> Bool {
    var place = 0
    while place < processes.count {
      if processes[place].number == process { return true }
      place += 1
    }
    return process == aliveOutsideSchedule
  }

  // Truths.

  func truth(_ at: Int) -> UnsafeMutablePointer<Int32> { truths + at * Self.cells }

  /// A copy, to be changed and given to a version.
  func copyTruth(_ at: Int) -> Int {
    if truthCount == truthCapacity {
      let larger = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * truthCapacity * Self.cells)
      larger.initialize(from: truths, count: truthCount * Self.cells)
      truths.deallocate()
      truths = larger
      truthCapacity *= 2
    }
    truth(truthCount).initialize(from: truth(at), count: Self.cells)
    truthCount += 1
    return truthCount - 1
  }

  /// A block's part of its table's root.
  static func hash(_ cell: Int, _ value: Int) -> UInt64 {
    var z = (UInt64(cell) << 32 | UInt64(value)) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  // Environments.

  /// One transaction of a shard; `false`: the disk is full and nothing has happened.
  func changeShard(_ number: Int, grows: Bool = true, _ body: (SimulatedShard) -> Void) -> Bool {
    if hasFaults, diskIsFull && grows || chance(0.01) { return false }
    let changed = SimulatedShard(copyOf: shards[number])
    body(changed)
    changed.compact()
    previous[number] = shards[number]
    shards[number] = changed
    counts.shardTransactions += 1
    check()
    return true
  }

  /// One transaction of the catalog. `body` refuses by returning `false`; `committed` runs when it is durable.
  func changeCatalog(_ body: (inout SimulatedCatalog) -> Bool, committed: () -> Void = {}) -> Outcome {
    var changed = catalog
    guard body(&changed) else { return .refused }
    let failed = hasFaults && chance(0.01)
    if !failed || chance(0.5) {
      catalog = changed
      check()
      committed()
    }
    if failed { counts.unknown += 1 }
    return failed ? .unknown : .done
  }
}
