import ArgumentParser

/// Seeds of a run each: `1,2,3`, `1-5`.
struct SeedList: ExpressibleByArgument {
  let seeds: [UInt64]

  /// Nil unless each seed is there once; 1,000 at most.
  init?(argument: String) {
    var seeds: [UInt64] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
        last - first < 1_000
      else { return nil }
      seeds += first...last
    }
    guard (1...1_000).contains(seeds.count), Set(seeds).count == seeds.count else { return nil }
    self.seeds = seeds
  }
}
