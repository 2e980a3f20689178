import CSQLiteExtension

/// SQLite's calls for virtual tables, passed on to `SQLTable` and `SQLCursor`.
///
/// Every object that SQLite holds is retained by hand: from connect to disconnect, from open to close.
enum TableModule {
  /// How the tables of one module are made, and for which connection.
  final class Factory {
    typealias Make = (_ connection: StoreConnection, _ arguments: [String]) throws(SQLError) -> any SQLTable
    let connection: StoreConnection
    let make: Make

    init(_ connection: StoreConnection, _ make: @escaping Make) { (self.connection, self.make) = (connection, make) }
  }
  private final class Connected {
    let table: any SQLTable
    let connection: StoreConnection

    init(_ table: any SQLTable, _ connection: StoreConnection) { (self.table, self.connection) = (table, connection) }
  }

  /// A class of its own: a cast to the protocol at every call would cost more than most calls.
  private final class Opened {
    let cursor: any SQLCursor
    init(_ cursor: any SQLCursor) { self.cursor = cursor }
  }

  /// Tables that a statement creates, or that need none (`isEponymous`: called by the module's name, with arguments).
  static func register(
    _ name: String, isEponymous: Bool, _ factory: Factory, _ database: OpaquePointer
  ) -> Int32 {
    loam_sqlite_create_module(
      database, name, isEponymous ? eponymous : created, Unmanaged.passRetained(factory).toOpaque(),
      { Unmanaged<Factory>.fromOpaque($0!).release() })
  }

  // Written once, never freed; SQLite only reads them.
  nonisolated(unsafe) private static let created = module(isEponymous: false)
  nonisolated(unsafe) private static let eponymous = module(isEponymous: true)

  private static func module(isEponymous: Bool) -> UnsafeMutablePointer<sqlite3_module> {
    var module = sqlite3_module()
    module.xConnect = { TableModule.connect($0, $1, $2, $3, $4, $5) }
    if !isEponymous { module.xCreate = { TableModule.connect($0, $1, $2, $3, $4, $5) } }
    module.xDisconnect = { TableModule.disconnect($0) }
    module.xDestroy = { TableModule.disconnect($0) }
    module.xBestIndex = { table, info in
      let chosen = QueryPlan.choose(TableModule.connected(table).table, info!)
      return chosen ? SQLITE_OK : SQLITE_CONSTRAINT
    }
    module.xOpen = { table, place in
      TableModule.attempt(table) { (connected) throws(SQLError) in
        let cursor = UnsafeMutablePointer<loam_sqlite_cursor>.allocate(capacity: 1)
        cursor.initialize(to: loam_sqlite_cursor())
        cursor.pointee.object = Unmanaged.passRetained(Opened(try connected.table.cursor())).toOpaque()
        place!.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
      }
    }
    module.xClose = { opened in
      let cursor = UnsafeMutableRawPointer(opened!).assumingMemoryBound(to: loam_sqlite_cursor.self)
      Unmanaged<Opened>.fromOpaque(cursor.pointee.object).release()
      cursor.deallocate()
      return SQLITE_OK
    }
    module.xFilter = { opened, _, plan, count, values in
      TableModule.attempt(opened!.pointee.pVtab) { (connected) throws(SQLError) in
        let values = (0..<Int(count)).map { SQLValue(values![$0]) }
        try TableModule.cursor(opened).start(QueryPlan.terms(plan, values, connected.table))
      }
    }
    module.xNext = { opened in
      TableModule.attempt(opened!.pointee.pVtab) { (_) throws(SQLError) in try TableModule.cursor(opened).advance() }
    }
    module.xEof = { TableModule.cursor($0).isAtEnd ? 1 : 0 }
    module.xColumn = { opened, context, column in
      TableModule.attempt(opened!.pointee.pVtab) { (_) throws(SQLError) in
        try TableModule.cursor(opened).write(Int(column), to: SQLResult(context))
      }
    }
    module.xRowid = { opened, place in
      place!.pointee = TableModule.cursor(opened).rowID
      return SQLITE_OK
    }
    let place = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    place.initialize(to: module)
    return place
  }

  private static func connect(
    _ database: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ count: Int32,
    _ arguments: UnsafePointer<UnsafePointer<CChar>?>?,
    _ place: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
    _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) -> Int32 {
    let factory = Unmanaged<Factory>.fromOpaque(context!).takeUnretainedValue()
    do throws(SQLError) {
      // The module's name, the database's and the table's come first.
      let given = (3..<max(3, Int(count))).map { SQLNames.unquoted(String(cString: arguments![$0]!)) }
      let table = try factory.make(factory.connection, given)
      let code = loam_sqlite_declare_vtab(database, SQLNames.declaration(table.columns))
      guard code == SQLITE_OK else { return code }
      let connected = UnsafeMutablePointer<loam_sqlite_table>.allocate(capacity: 1)
      connected.initialize(to: loam_sqlite_table())
      connected.pointee.object = Unmanaged.passRetained(Connected(table, factory.connection)).toOpaque()
      place!.pointee = UnsafeMutableRawPointer(connected).assumingMemoryBound(to: sqlite3_vtab.self)
      return SQLITE_OK
    } catch {
      factory.connection.lastError = error
      message?.pointee = loam_sqlite_copy(error.description)
      return SQLITE_ERROR
    }
  }

  private static func disconnect(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 {
    let place = UnsafeMutableRawPointer(table!).assumingMemoryBound(to: loam_sqlite_table.self)
    Unmanaged<Connected>.fromOpaque(place.pointee.object).release()
    place.deallocate()
    return SQLITE_OK
  }

  private static func connected(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Connected {
    let place = UnsafeMutableRawPointer(table!).assumingMemoryBound(to: loam_sqlite_table.self)
    return Unmanaged<Connected>.fromOpaque(place.pointee.object).takeUnretainedValue()
  }

  private static func cursor(_ opened: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> any SQLCursor {
    let place = UnsafeMutableRawPointer(opened!).assumingMemoryBound(to: loam_sqlite_cursor.self)
    return Unmanaged<Opened>.fromOpaque(place.pointee.object)._withUnsafeGuaranteedRef { $0.cursor }
  }

  /// Errors become the table's message, which SQLite frees.
  private static func attempt(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?, _ body: (Connected) throws(SQLError) -> Void
  ) -> Int32 {
    let connected = connected(table)
    do throws(SQLError) {
      try body(connected)
      return SQLITE_OK
    } catch {
      connected.connection.lastError = error
      loam_sqlite_free(table!.pointee.zErrMsg)
      table!.pointee.zErrMsg = loam_sqlite_copy(error.description)
      return SQLITE_ERROR
    }
  }
}
