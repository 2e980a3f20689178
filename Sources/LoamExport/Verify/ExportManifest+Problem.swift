import LoamQuery
import LoamSchema

extension ExportManifest {
  /// Far above what an export has; numbers below it can be multiplied and added.
  private static let countMax = 1 << 40
  private static let widthMax = 1 << 20

  /// Which number of a manifest from outside could not be computed with; `nil`: none. Whether the files are what the
  /// others say is found out with the files.
  var problem: String? {
    if let golden, !(0...Self.countMax).contains(golden.rows) { return "\(golden.rows) golden requests" }
    for table in tables where table.rows > Self.countMax || table.dimension > Self.widthMax {
      return "the table \(table.space) has \(table.rows) rows of \(table.dimension)"
    }
    for table in definition.tables where !(0...Self.widthMax).contains(table.dimension) {
      return "the definition's table \(table.space) has vectors of \(table.dimension)"
    }
    for field in definition.fields {
      guard definition.tables.indices.contains(field.table) else {
        return "the field \(field.name) is of table \(field.table), of \(definition.tables.count)"
      }
      guard (0...Self.widthMax).contains(field.length) else {
        return "the field \(field.name) has \(field.length) values"
      }
    }
    for (name, value) in definition.options.sorted(by: { $0.key < $1.key }) {
      for number in value.numbers where !(abs(number) <= Double(Self.widthMax)) {
        return "the option \(name) is \(number)"
      }
    }
    return nil
  }
}

extension OptionValue {
  fileprivate var numbers: [Double] {
    switch self {
    case .number(let number): [number]
    case .list(let values): values.flatMap(\.numbers)
    case .map(let values): values.values.flatMap(\.numbers)
    case .none, .bool, .text: []
    }
  }
}
