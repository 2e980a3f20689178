import CSQLiteExtension
import LoamQuery
import LoamSchema
import LoamStore

/// What Loam adds to one connection of SQLite: the module `loam`, `nearest`, functions of vectors and stores.
///
/// A connection reads each store at one version, whatever is published meanwhile, until it is told to look again.
///
/// ```swift
/// let database = try SQLiteDatabase()
/// let connection = try StoreConnection(database.handle, functions: SQLiteDatabase.functions)
/// try connection.attach(store.snapshot())
/// let rows = try database.prepare("SELECT id, count FROM ids_item ORDER BY count DESC LIMIT 10").rows()
/// ```
public final class StoreConnection {
  /// A store under a prefix of names, and the tables that were made for it.
  struct Attached {
    var prefix: String
    var view: StoreView
    var reference: VersionReference
    var tables: [String]
  }
  private let database: OpaquePointer
  private(set) var attached: [Attached] = []
  /// By path and version as they are written in CREATE VIRTUAL TABLE.
  private var views: [String: StoreView] = [:]
  /// What a table or a function refused or failed at last, with its code: SQLite passes on the text alone.
  public internal(set) var lastError: SQLError?

  /// - Parameter functions: SQLite's table of functions, which it hands to the entry points of extensions.
  public init(_ database: OpaquePointer, functions: UnsafeRawPointer?) throws(SQLError) {
    self.database = database
    loam_sqlite_use(functions)
    guard loam_sqlite_version() >= Self.versionMin else {
      throw .sql(.badQuery, "SQLite 3.31 or newer is needed, this is \(loam_sqlite_version())")
    }
    let stored = TableModule.Factory(self) { (connection, arguments) throws(SQLError) in
      try connection.table(arguments)
    }
    let nearest = TableModule.Factory(self) { (connection, _) throws(SQLError) in NearestTable(connection) }
    try check(TableModule.register("loam", isEponymous: false, stored, database))
    try check(TableModule.register("nearest", isEponymous: true, nearest, database))
    try check(VectorFunctions.register(database))
    try check(StoreFunctions.register(self, database))
  }

  /// The first that knows functions marked as harmless, or as callable by people alone.
  private static let versionMin: Int32 = 3_031_000

  private func check(_ code: Int32) throws(SQLError) {
    guard code == SQLITE_OK else { throw .sql(.badQuery, "SQLite refuses Loam's tables and functions: code \(code)") }
  }

  /// Makes temporary tables of everything that a version has. Nothing is written to the database's file.
  ///
  /// - Parameter prefix: before the name of each table; what had the prefix before goes.
  public func attach(_ snapshot: Snapshot, as prefix: String = "") throws(SQLError) {
    SharedStores.register(snapshot.store)
    let reference = VersionReference.number(snapshot.record.version)
    try attach(try StoreView(snapshot), path: snapshot.store.path, reference, prefix)
  }

  /// The same for the store at a path. Gives back its version.
  func attach(path: String, _ reference: VersionReference, prefix: String) throws(SQLError) -> UInt64 {
    let view = try open(path, reference)
    try attach(view, path: path, reference, prefix)
    return view.snapshot.record.version
  }

  /// Looks for the versions that the stores have now.
  func refresh() throws(SQLError) {
    for store in attached {
      _ = try attach(path: store.view.snapshot.store.path, store.reference, prefix: store.prefix)
    }
  }

  private func open(_ path: String, _ reference: VersionReference) throws(SQLError) -> StoreView {
    let store = try SQLError.passing { () throws(StoreError) in try SharedStores.store(at: path) }
    return try StoreView(try SQLError.passing { () throws(StoreError) in try store.snapshot(at: reference) })
  }

  private static func key(_ path: String, _ reference: VersionReference) -> String { "\(path)\n\(reference)" }

  private func attach(
    _ view: StoreView, path: String, _ reference: VersionReference, _ prefix: String
  ) throws(SQLError) {
    if let old = attached.firstIndex(where: { $0.prefix == prefix }) {
      for table in attached[old].tables { try execute("DROP TABLE IF EXISTS temp.\(SQLNames.quoted(table))") }
      attached.remove(at: old)
    }
    views[Self.key(path, reference)] = view
    var made = Attached(prefix: prefix, view: view, reference: reference, tables: [])
    let fixed = CatalogTable.names
    let names = view.names.map(\.description)
    let own = SQLNames.unique(names.map { prefix + $0 }, after: fixed.map { prefix + $0 })
    attached.append(made)
    for (table, name) in zip(fixed.map { prefix + $0 } + own, fixed + names) {
      let arguments = [path, name, "\(reference)"].map(SQLNames.literal).joined(separator: ", ")
      try execute("CREATE VIRTUAL TABLE temp.\(SQLNames.quoted(table)) USING loam(\(arguments))")
      made.tables.append(table)
      attached[attached.count - 1] = made
    }
  }

  /// The table that `loam(STORE, TABLE, VERSION)` names.
  func table(_ arguments: [String]) throws(SQLError) -> any SQLTable {
    guard (2...3).contains(arguments.count) else {
      throw .sql(
        .badArgument, "loam needs a store and a table, found \(arguments.count) arguments",
        hint: "CREATE VIRTUAL TABLE items USING loam('STORE', 'ids:item'), or SELECT loam_open('STORE').")
    }
    let reference = VersionReference(arguments.count == 3 ? arguments[2] : "latest")
    let key = Self.key(arguments[0], reference)
    let view: StoreView
    if let known = views[key] { view = known } else { view = try open(arguments[0], reference) }
    views[key] = view
    let text = arguments[1]
    if let table = CatalogTable(text, view, self) { return table }
    guard let name = TableName(text), StoreView.kinds.contains(name.kind) else { throw view.unknown(text) }
    switch name.kind {
    case .ids, .embedding: return try IDRowsTable(view, name)
    case .log: return try LogTable(view, name.name)
    case .timeline: return try EventsTable(view, name.name)
    case .pairs: return try PairsTable(view, name.name)
    case .model, .keys, .sketch: throw view.unknown(text)
    }
  }

  /// The SQL name of a table, where the store is attached.
  func sqlName(_ name: TableName, _ view: StoreView) -> String? {
    guard let store = attached.first(where: { $0.view === view }),
      let place = view.names.firstIndex(of: name), place + CatalogTable.names.count < store.tables.count
    else { return nil }
    return store.tables[place + CatalogTable.names.count]
  }

  private func execute(_ sql: String) throws(SQLError) {
    var message: UnsafeMutablePointer<CChar>?
    lastError = nil
    guard loam_sqlite_exec(database, sql, &message) != SQLITE_OK else { return }
    defer { loam_sqlite_free(message) }
    throw lastError ?? .sql(.badQuery, message.map { String(cString: $0) } ?? "SQLite refuses: \(sql)")
  }
}
