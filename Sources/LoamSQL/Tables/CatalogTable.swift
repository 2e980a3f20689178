import LoamSchema
import LoamStore

/// What there is: tables, versions, metrics of versions, and inputs of logs. Short lists, made when they are read.
final class CatalogTable: SQLTable {
  enum List: String, CaseIterable {
    case tables = "loam_tables"
    case versions = "loam_versions"
    case metrics = "loam_metrics"
    case sources = "loam_sources"
  }
  static let names = List.allCases.map(\.rawValue)

  private let list: List
  private let view: StoreView
  private unowned let connection: StoreConnection
  let columns: [SQLColumn]
  let rowCount = 100

  /// `nil`: it is none of these.
  init?(_ name: String, _ view: StoreView, _ connection: StoreConnection) {
    guard let list = List(rawValue: name) else { return nil }
    (self.list, self.view, self.connection) = (list, view, connection)
    let names: [(String, String)] =
      switch list {
      case .tables:
        [("name", "TEXT"), ("stored_as", "TEXT"), ("kind", "TEXT"), ("rows", "INTEGER"), ("root", "TEXT")]
      case .versions:
        [
          ("version", "INTEGER"), ("parent", "INTEGER"), ("time", "INTEGER"), ("note", "TEXT"), ("tags", "TEXT"),
          ("aliases", "TEXT"), ("root", "TEXT"), ("is_open", "INTEGER"),
        ]
      case .metrics: [("version", "INTEGER"), ("name", "TEXT"), ("value", "REAL")]
      case .sources:
        [
          ("log", "TEXT"), ("input", "TEXT"), ("records", "INTEGER"), ("rows", "INTEGER"), ("refused", "INTEGER"),
          ("complete", "INTEGER"),
        ]
      }
    columns = names.map { SQLColumn(name: $0.0, type: $0.1) }
  }

  func use(of column: Int, _ comparison: Comparison) -> ConstraintUse? { nil }

  func cursor() throws(SQLError) -> any SQLCursor { ListCursor(try rows()) }

  private func rows() throws(SQLError) -> [[SQLValue]] {
    switch list {
    case .tables: tables()
    case .versions: try versions()
    case .metrics: try metrics()
    case .sources: try sources()
    }
  }

  private func tables() -> [[SQLValue]] {
    view.names.map { name in
      let stored = view.snapshot.record.tables[name.description]
      return [
        connection.sqlName(name, view).map(SQLValue.text) ?? .null, .text(name.description),
        .text(name.kind.rawValue), .integer(Int64(clamping: stored?.rows ?? 0)), .text("\(stored?.root ?? Root())"),
      ]
    }
  }

  private func versions() throws(SQLError) -> [[SQLValue]] {
    let store = view.snapshot.store
    let (versions, tags, aliases) = try SQLError.passing { () throws(StoreError) in
      (try store.versions(), try store.tags(), try store.aliases())
    }
    func names(_ all: [String: UInt64], _ version: UInt64) -> SQLValue {
      .text(all.filter { $0.value == version }.keys.sorted().joined(separator: " "))
    }
    return versions.map { record in
      [
        .integer(Int64(record.version)), record.parent.map { .integer(Int64($0)) } ?? .null, .integer(record.time),
        .text(record.note), names(tags, record.version), names(aliases, record.version), .text("\(record.root)"),
        .integer(record.version == view.snapshot.record.version ? 1 : 0),
      ]
    }
  }

  private func metrics() throws(SQLError) -> [[SQLValue]] {
    let versions = try SQLError.passing { () throws(StoreError) in try view.snapshot.store.versions() }
    return versions.flatMap { record in
      record.metrics.sorted { $0.key < $1.key }.map {
        [.integer(Int64(record.version)), .text($0.key), .real($0.value)]
      }
    }
  }

  private func sources() throws(SQLError) -> [[SQLValue]] {
    var rows: [[SQLValue]] = []
    for name in view.names where name.kind == .log {
      rows += try view.log(name.name).sources.map {
        [
          .text(name.name), .text($0.name), .integer(Int64(clamping: $0.records)), .integer(Int64(clamping: $0.rows)),
          .integer(Int64(clamping: $0.bad)), .integer($0.complete ? 1 : 0),
        ]
      }
    }
    return rows
  }
}

/// Rows that lie in memory.
final class ListCursor: SQLCursor {
  private let rows: [[SQLValue]]
  private var place = 0

  init(_ rows: [[SQLValue]]) { self.rows = rows }

  func start(_ terms: [SQLTerm]) { place = 0 }
  var isAtEnd: Bool { place >= rows.count }
  func advance() { place += 1 }
  func write(_ column: Int, to result: SQLResult) { result.value(rows[place][column]) }
  var rowID: Int64 { Int64(place) }
}
