import ArgumentParser
import LoamQuery
import LoamSchema
import LoamStore

struct Lookup: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read the rows of IDs from an embedding table.",
    discussion: """
      IDs are written as in the log: digits for integer fields, the text for string fields. ':missing' and \
      ':unknown' are the rows that a model reads for an absent ID and for one it never admitted.
      """)

  @OptionGroup var place: SnapshotArguments
  @Option(help: "MODEL/SPACE, or 'ids:SPACE' for an ID space itself.")
  var table: String
  @Option(parsing: .upToNextOption, help: "One or more IDs.")
  var id: [String]
  @Option(parsing: .upToNextOption, help: "Columns to read, or 'all'; vector and weight where not given.")
  var columns: [String] = []
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> LookedUp {
    let snapshot = try place.snapshot()
    let table = try TableRows(snapshot, name: table)
    let columns = try table.columns(columns)
    let rows = try id.map { text in
      let id = try table.names.id(text)
      let found = try !table.reader.find(id).isNone
      if !found, let near = try table.names.suggestion(for: text), near != text {
        console.note("no row for '\(text)'; did you mean '\(near)'?")
      }
      return LookedUp.Row(
        id: found ? try table.names.text(id) : text, number: id, found: found, columns: try table.values(id, columns))
    }
    return LookedUp(
      table: table.name.description, version: snapshot.record.version, rows: rows, order: columns.map(\.name),
      store: place.path.store)
  }
}

/// One table of rows by ID, and how its IDs are written.
struct TableRows {
  let name: TableName
  let names: IDNames
  let reader: IDTableReader
  private let embedding: EmbeddingReader?

  init(_ snapshot: Snapshot, name text: String) throws {
    name = TableName(text) ?? TableName(.embedding, text)
    guard name.kind == .ids || name.kind == .embedding, let reader = try IDTableReader(snapshot, name) else {
      throw snapshot.unknown(name.kind == .ids ? .ids : .embedding, name.name, "table")
    }
    self.reader = reader
    let parts = name.name.split(separator: "/").map(String.init)
    names = try IDNames(snapshot, space: parts.last ?? name.name)
    embedding = name.kind == .embedding ? try EmbeddingReader(snapshot, model: parts[0], space: parts[1]) : nil
  }

  func columns(_ asked: [String]) throws -> [ColumnSpec] {
    let all = reader.spec.columns
    if asked == ["all"] { return all }
    if asked.isEmpty {
      let usual = all.filter { $0.name == "vector" || $0.name == "weight" }
      return usual.isEmpty ? all : usual
    }
    return try asked.map { all[try reader.columnIndex($0)] }
  }

  /// Empty for an ID without a row.
  func values(_ id: ID, _ columns: [ColumnSpec]) throws -> [String: ColumnValues] {
    let row = try reader.find(id)
    guard !row.isNone else { return [:] }
    var values: [String: ColumnValues] = [:]
    for column in columns {
      // The two that decay are read as the model reads them.
      if let embedding, column.name == "vector" || column.name == "weight" {
        values[column.name] = .real(try embedding.values(column.name, [row]))
        continue
      }
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, column.stride), alignment: 8)
      defer { bytes.deallocate() }
      try reader.read(column.name, [row], into: bytes.baseAddress!)
      values[column.name] = ColumnValues(UnsafeRawBufferPointer(bytes), column)
    }
    return values
  }
}

struct LookedUp: Report {
  struct Row: Encodable {
    var id: String
    /// The 64-bit ID: the number itself, or the hash of the string.
    var number: UInt64
    var found: Bool
    var columns: [String: ColumnValues]
  }
  var table: String
  var version: UInt64
  var rows: [Row]
  var order: [String]
  var store: String
  private static let elementsPerLine = 8

  enum CodingKeys: String, CodingKey { case table, version, rows }

  var page: Page {
    var page = Page(.title("\(table) at version \(version)"))
    var table = Table(.text("ID"), .text("column"), .text("values"))
    for row in rows {
      guard row.found else {
        table.add(row.id, "", "no row: the model reads :unknown for it")
        continue
      }
      var label = row.id
      for name in order {
        let texts = row.columns[name]?.texts ?? ["(bytes)"]
        for start in stride(from: 0, to: texts.count, by: Self.elementsPerLine) {
          let line = texts[start..<min(start + Self.elementsPerLine, texts.count)].joined(separator: " ")
          table.add(label, start == 0 ? name : "", line)
          label = ""
        }
      }
    }
    page.add(.table(table))
    if self.table.hasPrefix("embedding:"), let row = rows.first(where: \.found) {
      page.add(.hint("loam similar \(store) --table \(self.table.dropFirst(10)) --id \(row.id) -k 5"))
    }
    return page
  }
}
