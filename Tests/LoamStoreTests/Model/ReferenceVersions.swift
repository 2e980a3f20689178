@testable import LoamStore

/// Versions, names and what keeps them, as a dictionary.
struct ReferenceVersions {
  struct Version {
    var content: ReferenceContent
    /// Stamp by table: which tables a revert or a drop would touch.
    var stamps: [String: Stamp]
  }
  var kept: [UInt64: Version] = [:]
  var latest: UInt64 = 1
  var names: [String: UInt64] = [:]
  var keepLast = 10
  var highestEver: UInt64 = 1

  var content: ReferenceContent { kept[latest]!.content }

  mutating func publish(_ record: VersionRecord, _ content: ReferenceContent, bases: some Sequence<UInt64>) {
    kept[record.version] = Version(content: content, stamps: record.tables.mapValues(\.stamp))
    latest = record.version
    highestEver = record.version
    retain(bases)
  }

  /// What no name, no write and no place among the last keeps is gone.
  mutating func retain(_ bases: some Sequence<UInt64>) {
    let wanted = Set(names.values).union(bases).union([latest]).union(kept.keys.sorted().suffix(keepLast))
    kept = kept.filter { wanted.contains($0.key) }
  }

  func differing(_ a: UInt64, _ b: UInt64) -> Set<String> {
    let (a, b) = (kept[a]!.stamps, kept[b]!.stamps)
    return Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }
  }
}
