/// The catalog at one instant.
struct SimulatedCatalog {
  struct Version {
    var number: Int
    /// By table.
    var stamps: (Int, Int)
    var roots: (UInt64, UInt64)
    /// Where the world keeps what this version contains: what everything is compared with.
    var truth: Int

    func stamp(_ table: Int) -> Int { table == 0 ? stamps.0 : stamps.1 }
    func root(_ table: Int) -> UInt64 { table == 0 ? roots.0 : roots.1 }
  }

  struct Write {
    var stamp: Int
    var owner: Int
    /// Bit t: leases table t.
    var tables: Int
    var bases: [Int]
    /// Of a drop, bit t: removes the blocks of table t above `floors`.
    var dropped = 0
    var floors = (0, 0)
    var isDead = false
    /// Step of the world when it began.
    var since: Int

    func floor(_ table: Int) -> Int { table == 0 ? floors.0 : floors.1 }
  }

  /// Versions that count without being named.
  static let keepLast = 2

  var nextVersion = 1
  var nextStamp = 1
  var latest = 0
  /// Ascending.
  var versions: [Version]
  /// Version of each of three names; -1: no such tag.
  var tags = (-1, -1, -1)
  /// Ascending stamps.
  var writes: [Write] = []
  /// Stamp by table; 0: free.
  var leases = (0, 0)

  init(truth: Int) { versions = [Version(number: 0, stamps: (0, 0), roots: (0, 0), truth: truth)] }

  func place(of version: Int) -> Int? {
    var place = 0
    while place < versions.count {
      if versions[place].number == version { return place }
      place += 1
    }
    return nil
  }

  func version(_ number: Int) -> Version? { place(of: number).map { versions[$0] } }

  func placeOfWrite(_ stamp: Int) -> Int? {
    var place = 0
    while place < writes.count {
      if writes[place].stamp == stamp { return place }
      place += 1
    }
    return nil
  }

  func tag(_ name: Int) -> Int { name == 0 ? tags.0 : name == 1 ? tags.1 : tags.2 }

  mutating func setTag(_ name: Int, _ version: Int) {
    switch name {
    case 0: tags.0 = version
    case 1: tags.1 = version
    default: tags.2 = version
    }
  }

  func lease(_ table: Int) -> Int { table == 0 ? leases.0 : leases.1 }

  mutating func setLease(_ table: Int, _ stamp: Int) { if table == 0 { leases.0 = stamp } else { leases.1 = stamp } }

  /// Frees the tables that `stamp` still leases.
  mutating func free(_ tables: Int, of stamp: Int) {
    if tables & 1 != 0, leases.0 == stamp { leases.0 = 0 }
    if tables & 2 != 0, leases.1 == stamp { leases.1 = 0 }
  }

  /// Deletes the records that nothing keeps.
  mutating func retain(_ rules: SimulatedRules) {
    var place = versions.count - Self.keepLast - 1
    while place >= 0 {
      let number = versions[place].number
      let isNamed = number == latest || number == tags.0 || number == tags.1 || number == tags.2
      if !isNamed, rules.missing == .basesNotPinned || !isBase(number) { versions.remove(at: place) }
      place -= 1
    }
  }

  func isBase(_ version: Int) -> Bool {
    var place = 0
    while place < writes.count {
      let bases = writes[place].bases
      var base = 0
      while base < bases.count {
        if bases[base] == version { return true }
        base += 1
      }
      place += 1
    }
    return false
  }
}
