import ArgumentParser
import LoamSchema
import LoamStore

struct Counts: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "How often IDs occur in the logs.",
    discussion: "Counts are kept for each log apart, so that a validation log changes no training.")

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The ID space.")
  var ids: String
  @Option(help: "Count in this log only; in all together where not given.")
  var log: String?
  @Option(parsing: .upToNextOption, help: "The counts of these IDs.")
  var id: [String] = []
  @Option(help: "The most frequent IDs; ten where nothing else is asked for.")
  var top: Int?
  @Flag(help: "How many IDs occur how often.")
  var histogram = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard top.map({ (1...1_000_000).contains($0) }) ?? true else {
      throw ValidationError("--top must be 1 to 1,000,000, found \(top ?? 0)")
    }
  }

  func answer(_ console: Console) throws -> IDCounts {
    let snapshot = try place.snapshot()
    let counts = try SpaceCounts(snapshot, space: ids, log: log)
    let wanted = top ?? (id.isEmpty && !histogram ? 10 : 0)
    return IDCounts(
      space: ids, version: snapshot.record.version, logs: counts.logs, distinct: counts.distinct, total: counts.total,
      estimates: counts.estimates, ids: id.isEmpty ? nil : try id.map { try counts.entry($0) },
      top: wanted > 0 ? try counts.most(wanted) : nil,
      histogram: histogram ? Histogram(doubling: counts.present).bins : nil)
  }
}

struct IDCounts: Report {
  struct Entry: Encodable, Equatable {
    var id: String
    var number: UInt64
    var count: UInt64
  }
  /// What the counts of a log are worth that has them from a sketch.
  struct Estimate: Encodable, Equatable {
    var log: String
    /// Estimated occurrences from which on an ID is kept.
    var minimumCount: Int?
    /// Counts are never too low, and too high by more than this for a share `delta` of IDs at most.
    var bound: UInt64
    var epsilon: Double
    var delta: Double
    /// That were counted; `bound` is `epsilon` of them.
    var occurrences: UInt64
  }
  var space: String
  var version: UInt64
  /// The logs counted in.
  var logs: [String]
  /// IDs that occur.
  var distinct: Int
  /// Occurrences of all of them.
  var total: UInt64
  /// Absent: counts are exact.
  var estimates: [Estimate]?
  var ids: [Entry]?
  var top: [Entry]?
  var histogram: [Histogram.Bin]?

  var page: Page {
    var page = Page(
      .title(
        "\(space): \(Quantity.count(distinct, "ID")), \(Quantity.count(total, "occurrence")) in "
          + (logs.isEmpty ? "no log" : logs.joined(separator: " + "))))
    for estimate in estimates ?? [] {
      page.add(
        .line(
          "estimates in \(estimate.log): never too low, and too high by at most \(Quantity.count(estimate.bound)) for "
            + "\(Quantity.percent(1 - estimate.delta, 4)) of IDs; "
            + "IDs below \(Quantity.count(estimate.minimumCount ?? 0)) are not kept"))
    }
    func table(_ entries: [Entry], ranked: Bool) -> Table {
      var table = Table(.number(""), .text("ID"), .number("count"), .number("share"))
      for (rank, entry) in entries.enumerated() {
        let share = total == 0 ? 0 : Double(entry.count) / Double(total)
        table.add(ranked ? "\(rank + 1)" : "", entry.id, Quantity.count(entry.count), Quantity.percent(share, 2))
      }
      return table
    }
    if let ids { page.add(.table(table(ids, ranked: false))) }
    if let top { page.add(.table(table(top, ranked: true))) }
    if let histogram {
      page.add(.title("Occurrences of an ID, and how many IDs have them"))
      page.add(.histogram(Histogram(bins: histogram)))
    } else {
      page.add(.hint("the whole picture: --histogram"))
    }
    return page
  }
}
