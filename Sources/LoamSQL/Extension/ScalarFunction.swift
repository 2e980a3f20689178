import CSQLiteExtension

/// A function of SQL that gives one value.
final class ScalarFunction {
  typealias Body = (_ values: [SQLValue], _ result: SQLResult) throws(SQLError) -> Void
  private let body: Body

  private init(_ body: @escaping Body) { self.body = body }

  /// What depends on nothing but its arguments and does nothing else.
  static let harmless = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS

  static func register(
    _ name: String, arguments: Int32, flags: Int32, _ database: OpaquePointer, _ body: @escaping Body
  ) -> Int32 {
    loam_sqlite_create_function(
      database, name, arguments, flags, Unmanaged.passRetained(ScalarFunction(body)).toOpaque(),
      { context, count, values in
        let function = Unmanaged<ScalarFunction>.fromOpaque(loam_sqlite_user_data(context)).takeUnretainedValue()
        let result = SQLResult(context)
        do throws(SQLError) {
          try function.body((0..<Int(count)).map { SQLValue(values![$0]) }, result)
        } catch {
          result.fail(error)
        }
      },
      { Unmanaged<ScalarFunction>.fromOpaque($0!).release() })
  }
}
