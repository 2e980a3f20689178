import ArgumentParser
import LoamSchema
import LoamStore

struct Forget: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove what is known of one ID: its events, its row in the ID space, its vectors.",
    discussion: """
      One new version is without it. Versions before keep what they have, and the answer names them: they end as others \
      do, when nothing keeps them any more. Rows of logs stay; the answer says how many name the ID.
      """)

  @OptionGroup var path: StoreArgument
  @Option(help: "The ID field, or the timeline by its name.")
  var entity: String
  @Option(help: "Who is forgotten.")
  var id: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> ForgottenID {
    let store = try path.open(for: .write)
    let snapshot = try store.snapshot()
    let schema = try snapshot.schema()
    let field = schema.allTimelines.first { $0.name == entity }?.entity ?? entity
    guard let space = schema.allIDs.first(where: { $0.name == field })?.space else {
      let known = schema.allIDs.map(\.name) + schema.allTimelines.map(\.name)
      throw CommandError(
        .unknownTable, "the schema declares no ID field or timeline '\(entity)'",
        hint: nearestName(to: entity, among: known).map { "Did you mean '\($0)'?" }
          ?? "It has: \(known.joined(separator: ", ")).")
    }
    let names = try IDNames(snapshot, space: space)
    let id = try names.id(self.id)
    guard id <= ID.largest else {
      throw CommandError(.badID, "'\(self.id)' is a row of its own, nobody's", hint: "Name an ID.")
    }
    let fields = Set(schema.allIDs.filter { $0.space == space }.map(\.name))
    let timelines = schema.allTimelines.filter { fields.contains($0.entity) }.map { TableName(.timeline, $0.name) }
    let tables = snapshot.tables.filter { name in
      name == TableName(.ids, space) || (name.kind == .embedding && name.name.hasSuffix("/\(space)"))
    }
    let logs = try Self.logRows(snapshot, space: space, id)
    let forgotten = try store.forget(id, timelines: timelines, tables: tables)
    if forgotten.version == nil, let near = try names.suggestion(for: self.id), near != self.id {
      console.note("nothing is known of '\(self.id)'; did you mean '\(near)'?")
    }
    return ForgottenID(id: self.id, forgotten, logRows: logs)
  }

  /// By log, how often its rows name the ID.
  private static func logRows(_ snapshot: Snapshot, space: String, _ id: ID) throws -> [String: UInt64] {
    guard let table = try IDTableReader(snapshot, TableName(.ids, space)) else { return [:] }
    let row = try table.find(id)
    guard !row.isNone else { return [:] }
    var rows: [String: UInt64] = [:]
    for (index, column) in table.spec.columns.enumerated() where column.name.hasPrefix("count/") {
      var count: UInt64 = 0
      try withUnsafeMutableBytes(of: &count) { try table.read(index, row, into: $0.baseAddress!) }
      let log = String(column.name.dropFirst("count/".count))
      if count > 0, (snapshot.record.tables[TableName(.log, log).description]?.rows ?? 0) > 0 { rows[log] = count }
    }
    return rows
  }
}

struct ForgottenID: Report {
  struct Holder: Encodable {
    var version: UInt64
    var tables: [String]
  }
  var id: String
  /// The version without the ID; absent: the latest had nothing of it.
  var version: UInt64?
  /// Events removed, by timeline.
  var events: [String: Int]
  /// Tables that lost its row.
  var rows: [String]
  /// Kept versions that still hold something of it.
  var heldBy: [Holder]
  /// By log, how often its rows name the ID: they stay.
  var logRows: [String: UInt64]

  init(id: String, _ forgotten: Forgotten, logRows: [String: UInt64]) {
    self.id = id
    version = forgotten.version
    events = Dictionary(uniqueKeysWithValues: forgotten.events.map { ($0.key.name, $0.value) })
    rows = forgotten.rows.map(\.description).sorted()
    heldBy = forgotten.holders.sorted { $0.key < $1.key }.map { entry in
      Holder(version: entry.key, tables: entry.value.map(\.description).sorted())
    }
    self.logRows = logRows
  }

  var page: Page {
    var page = Page(
      .title(version.map { "\(id) is forgotten in version \($0)" } ?? "The latest version knows nothing of \(id)"))
    for (timeline, count) in events.sorted(by: { $0.key < $1.key }) {
      page.add(.line("\(Quantity.count(count, "event")) of the timeline \(timeline) removed"))
    }
    for table in rows { page.add(.line("its row of \(table) removed")) }
    for holder in heldBy {
      page.add(.line("version \(holder.version) still holds it: \(holder.tables.joined(separator: ", "))"))
    }
    for (log, count) in logRows.sorted(by: { $0.key < $1.key }) {
      page.add(.line("\(Quantity.count(count)) times in the rows of the log \(log), which stay"))
    }
    if !heldBy.isEmpty { page.add(.hint("versions end with: loam versions untag STORE NAME")) }
    return page
  }
}
