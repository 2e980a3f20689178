import CSQLiteExtension
import LoamSchema
import LoamStore

/// `loam_open(STORE [, VERSION [, PREFIX]])` and `loam_refresh()`; both give back the version.
enum StoreFunctions {
  static func register(_ connection: StoreConnection, _ database: OpaquePointer) -> Int32 {
    // Not from triggers and views: a database from elsewhere must not open stores.
    let flags = SQLITE_UTF8 | SQLITE_DIRECTONLY
    for count: Int32 in 1...3 {
      let code = ScalarFunction.register("loam_open", arguments: count, flags: flags, database) {
        [unowned connection] (values, result) throws(SQLError) in
        result.integer(try recording(connection) { () throws(SQLError) in try open(connection, values) })
      }
      guard code == SQLITE_OK else { return code }
    }
    return ScalarFunction.register("loam_refresh", arguments: 0, flags: flags, database) {
      [unowned connection] (_, result) throws(SQLError) in
      try recording(connection) { () throws(SQLError) in try connection.refresh() }
      guard let first = connection.attached.first else { return result.null() }
      result.integer(Int64(first.view.snapshot.record.version))
    }
  }

  private static func open(_ connection: StoreConnection, _ values: [SQLValue]) throws(SQLError) -> Int64 {
    guard let path = values[0].text else {
      throw .sql(.badArgument, "loam_open needs the path of a store", hint: "SELECT loam_open('ads.loam')")
    }
    var reference = VersionReference.latest
    switch values.count > 1 ? values[1] : .null {
    case .null: break
    case .integer(let number): reference = VersionReference("\(number)")
    case .text(let text): reference = VersionReference(text)
    default: throw .sql(.badArgument, "a version is a number, a tag, an alias, or 'latest'")
    }
    let prefix = values.count > 2 ? values[2].text : ""
    guard let prefix, prefix.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
      throw .sql(.badArgument, "a prefix of names has letters, digits and '_'")
    }
    return Int64(try connection.attach(path: path, reference, prefix: prefix.isEmpty ? "" : prefix + "_"))
  }

  private static func recording<T>(
    _ connection: StoreConnection, _ body: () throws(SQLError) -> T
  ) throws(SQLError) -> T {
    do throws(SQLError) { return try body() } catch {
      connection.lastError = error
      throw error
    }
  }
}
