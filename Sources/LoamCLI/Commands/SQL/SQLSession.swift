import LoamSQL
import LoamSchema
import LoamStore
import SQLite

/// A connection that has the tables of one version, and errors with codes and suggestions.
struct SQLSession {
  private let database: SQLiteDatabase
  private let connection: StoreConnection
  private let version: UInt64

  init(_ snapshot: Snapshot) throws {
    version = snapshot.record.version
    database = try SQLiteDatabase()
    connection = try StoreConnection(database.handle, functions: SQLiteDatabase.functions)
    try connection.attach(snapshot)
  }

  /// Runs every statement; `body` gets those that give rows, with their number from 0.
  func run(_ text: String, _ body: (SQLiteStatement, Int) throws -> Void) throws {
    var rest = text[...]
    var (statements, answers) = (0, 0)
    do {
      while let statement = try database.next(of: &rest) {
        statements += 1
        if statement.columnCount > 0 {
          try body(statement, answers)
          answers += 1
        } else {
          _ = try statement.step()
        }
      }
    } catch let error as SQLiteError { throw explained(error, text) }
    if statements == 0 {
      throw SQLError.sql(
        .badQuery, "there is no statement", hint: "See what can be asked with: loam sql STORE --tables")
    }
  }

  func tables() throws -> SQLTables {
    var tables: [SQLTables.Entry] = []
    for row in try database.prepare("SELECT name, stored_as, rows FROM loam_tables").rows() {
      guard case .text(let name) = row[0], case .text(let stored) = row[1], case .integer(let rows) = row[2] else {
        continue
      }
      tables.append(.init(table: name, storedAs: stored, rows: rows, columns: try columns(of: name)))
    }
    let lists = ["loam_tables", "loam_versions", "loam_metrics", "loam_sources"]
    for name in lists { tables.append(.init(table: name, columns: try columns(of: name))) }
    return SQLTables(version: version, tables: tables)
  }

  private func columns(of table: String) throws(SQLiteError) -> [String] {
    let statement = try database.prepare("SELECT name FROM pragma_table_info(?)")
    try statement.bind(.text(table), at: 1)
    return try statement.rows().compactMap { row -> String? in
      if case .text(let name) = row[0] { name } else { nil }
    }
  }

  /// The table's own error where it was one; else SQLite's, with what may have been meant.
  private func explained(_ error: SQLiteError, _ query: String) -> any Error {
    if let own = connection.lastError, own.description == error.message { return own }
    func name(after start: String) -> String? {
      error.message.hasPrefix(start) ? String(error.message.dropFirst(start.count)) : nil
    }
    guard let known = try? self.tables().tables else { return SQLError.sql(.badQuery, error.message) }
    if let name = name(after: "no such table: ") {
      let same = known.first { $0.storedAs == name }?.table
      let near = same ?? nearestName(to: name, among: known.map(\.table))
      return SQLError.sql(
        .unknownTable, "there is no table '\(name)'",
        hint: near.map { "Did you mean \($0)?" } ?? "There are: \(known.map(\.table).joined(separator: ", ")).")
    }
    if let name = name(after: "no such column: ") {
      let asked = known.filter { query.lowercased().contains($0.table.lowercased()) }
      let near = nearestName(to: String(name.split(separator: ".").last ?? ""), among: asked.flatMap(\.columns))
      return SQLError.sql(
        .unknownColumn, "there is no column '\(name)'",
        hint: near.map { "Did you mean \($0)?" }
          ?? asked.map { "\($0.table) has: \($0.columns.joined(separator: ", "))." }.joined(separator: "\n"))
    }
    if let name = name(after: "no such function: ") {
      let near = nearestName(to: name, among: ["cosine", "dot", "l2", "vector_json", "vector_of"])
      return SQLError.sql(.unknownFunction, "there is no function '\(name)'", hint: near.map { "Did you mean \($0)?" })
    }
    return SQLError.sql(.badQuery, error.message)
  }
}

struct SQLTables: Report {
  struct Entry: Encodable {
    var table: String
    /// As the other commands write it; lists of the catalog have none.
    var storedAs: String?
    var rows: Int64?
    var columns: [String]
  }
  var version: UInt64
  var tables: [Entry]
  private static let columnsWidthMax = 90

  var page: Page {
    var page = Page(.title("Tables of version \(version)"))
    var table = Table(.text("table"), .number("rows"), .text("columns"))
    for entry in tables {
      var line = ""
      var (name, rows) = (entry.table, entry.rows.map { Quantity.count($0) } ?? "")
      for (place, column) in entry.columns.enumerated() {
        line += (line.isEmpty ? "" : " ") + column + (place + 1 < entry.columns.count ? "," : "")
        guard line.count > Self.columnsWidthMax || place + 1 == entry.columns.count else { continue }
        table.add(name, rows, line)
        (name, rows, line) = ("", "", "")
      }
    }
    page.add(.table(table))
    if let first = tables.first { page.add(.hint("loam sql STORE \"SELECT * FROM \(first.table) LIMIT 5\"")) }
    return page
  }
}
