import ArgumentParser
import LoamSchema
import LoamStore

struct VersionsDiff: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What differs between two versions: rows by ID, bytes, vectors that moved most.",
    discussion: "Only blocks that the two versions do not share are read.")

  @OptionGroup var path: StoreArgument
  @Argument(help: "The version to compare from: a number, tag or alias.")
  var from: String
  @Argument(help: "The version to compare with: a number, tag or alias, or 'latest'.")
  var to = "latest"
  @Option(help: "How many rows to list of each embedding table.")
  var moved = 5
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if moved < 0 { throw ValidationError("--moved is 0 or more, not \(moved)") }
  }

  func answer(_ console: Console) throws -> VersionDifference {
    let store = try path.open(for: .read)
    let (older, newer) = (
      try store.snapshot(at: VersionReference(from)), try store.snapshot(at: VersionReference(to))
    )
    return VersionDifference(store: path.store, try VersionDiff(from: older, to: newer, movedMax: moved))
  }
}

struct VersionDifference: Report {
  struct Row: Encodable {
    var id: ID
    /// L2 of the new vector less the old one.
    var distance: Double
  }
  struct Entry: Encodable {
    var table: String
    var inserted: UInt64
    var changed: UInt64
    var removed: UInt64
    /// What the newer version's own blocks take.
    var bytes: Int
    var moved: [Row]
  }
  var store: String
  var from: UInt64
  var to: UInt64
  var tables: [Entry]

  init(store: String, _ diff: VersionDiff) {
    self.store = store
    (from, to) = (diff.older, diff.newer)
    tables = diff.tables.map { table in
      Entry(
        table: table.name.description, inserted: table.inserted, changed: table.changed, removed: table.removed,
        bytes: table.bytes, moved: table.moved.map { Row(id: $0.id, distance: $0.distance) })
    }
  }

  var page: Page {
    guard !tables.isEmpty else { return Page(.title("Versions \(from) and \(to) of \(store) hold the same")) }
    var page = Page(.title("From version \(from) to \(to) of \(store)"))
    var table = Table(
      .text("table"), .number("inserted"), .number("changed"), .number("removed"), .number("size"))
    for entry in tables {
      table.add(
        entry.table, Quantity.count(entry.inserted), Quantity.count(entry.changed), Quantity.count(entry.removed),
        Quantity.bytes(entry.bytes))
    }
    page.add(.table(table))
    for entry in tables where !entry.moved.isEmpty {
      page.add(.title("Moved most in \(entry.table)"))
      var rows = Table(.text("ID"), .number("distance"))
      for row in entry.moved { rows.add("\(row.id)", Quantity.fixed(row.distance, 4)) }
      page.add(.table(rows))
    }
    page.add(.hint("loam export \(store) --format delta --since \(from) --at \(to) --output DIR"))
    return page
  }
}
