import CSQLiteExtension
import LoamSQL

/// Where SQLite enters the extension: it derives the name from that of the file, libloamsqlite.
@_cdecl("sqlite3_loamsqlite_init")
public func loadExtension(
  _ database: OpaquePointer?, _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ functions: UnsafeRawPointer?
) -> Int32 {
  guard let database, let functions else { return SQLITE_ERROR }
  do throws(SQLError) {
    // The connection's modules keep it.
    _ = try StoreConnection(database, functions: functions)
    return SQLITE_OK
  } catch {
    message?.pointee = loam_sqlite_copy(error.description)
    return SQLITE_ERROR
  }
}
