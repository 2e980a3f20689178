/// How a constraint of a query compares a column with a value.
enum Comparison: String {
  case equal = "="
  case greater = ">"
  case atMost = "<="
  case less = "<"
  case atLeast = ">="

  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
    switch self {
    case .equal: a == b
    case .greater: a > b
    case .atMost: a <= b
    case .less: a < b
    case .atLeast: a >= b
    }
  }
}

struct SQLColumn {
  var name: String
  /// As SQLite reads it; empty: of no type.
  var type = ""
  /// A parameter, or a column that `*` leaves out.
  var isHidden = false
  /// Worth saying in a plan: reading it costs.
  var isCostly = false

  /// The place of the row number among columns.
  static let rowID = -1
}

/// What a table makes of a constraint.
struct ConstraintUse {
  /// Rows that are left, at most.
  var rows: Int
  /// The table does all of it: SQLite need not look again.
  var isExact: Bool
  /// Nothing else is needed to find the rows.
  var isKey = false
}

/// A constraint with its value, as a cursor gets it.
struct SQLTerm {
  var column: Int
  var comparison: Comparison
  var value: SQLValue
}

/// A table as SQLite sees it: columns, what it can do about constraints, and cursors.
protocol SQLTable: AnyObject {
  var columns: [SQLColumn] { get }
  /// Without constraints.
  var rowCount: Int { get }
  /// Columns without a constraint on which nothing can be read: the parameters of a table-valued function.
  var required: [Int] { get }
  func use(of column: Int, _ comparison: Comparison) -> ConstraintUse?
  /// Whether rows that meet constraints of these columns come in the order of a column.
  func isOrdered(by column: Int, descending: Bool, constrained: [Int]) -> Bool
  func cursor() throws(SQLError) -> any SQLCursor
}

extension SQLTable {
  var required: [Int] { [] }
  func isOrdered(by column: Int, descending: Bool, constrained: [Int]) -> Bool { false }
}

/// Walks the rows of a table.
protocol SQLCursor: AnyObject {
  /// Moves to the first row that meets the terms.
  func start(_ terms: [SQLTerm]) throws(SQLError)
  var isAtEnd: Bool { get }
  func advance() throws(SQLError)
  func write(_ column: Int, to result: SQLResult) throws(SQLError)
  var rowID: Int64 { get }
}
