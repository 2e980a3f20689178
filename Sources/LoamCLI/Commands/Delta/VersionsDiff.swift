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
    let diff = try VersionDiff(from: older, to: newer, movedMax: moved)
    return try VersionDifference(store: path.store, diff) { table in
      // The rows of a vector file need not be of a space of the schema.
      try? IDNames(newer, space: String(table.name.split(separator: "/").last ?? ""))
    }
  }
}

struct VersionDifference: Report {
  struct Row: Encodable {
    var id: ID
    /// As the log has it: the string of a hashed ID.
    var text: String
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

  init(store: String, _ diff: VersionDiff, names: (TableName) -> IDNames?) throws {
    self.store = store
    (from, to) = (diff.older, diff.newer)
    tables = try diff.tables.map { table in
      let names = table.moved.isEmpty ? nil : names(table.name)
      return Entry(
        table: table.name.description, inserted: table.inserted, changed: table.changed, removed: table.removed,
        bytes: table.bytes,
        moved: try table.moved.map { row in
          Row(id: row.id, text: try names?.text(row.id) ?? "\(row.id)", distance: row.distance)
        })
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
    var moved = Table(.text("moved most in"), .text("ID"), .number("distance"))
    for entry in tables {
      for (place, row) in entry.moved.enumerated() {
        moved.add(place == 0 ? entry.table : "", row.text, Quantity.fixed(row.distance, 4))
      }
    }
    if tables.contains(where: { !$0.moved.isEmpty }) { page.add(.table(moved)) }
    page.add(.hint("loam export \(store) --format delta --since \(from) --at \(to) --output DIR"))
    return page
  }
}
