import LoamSchema
import LoamStore

/// Some rows of a log, column by column as they are stored: IDs by their names, missing values as null.
struct LogRows: Report {
  enum Cell: Encodable, Equatable {
    case missing
    case real(Float)
    case time(Timestamp)
    case id(String)
    case ids([String])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .missing: try container.encodeNil()
      case .real(let value): try container.encode(value)
      case .time(let value): try container.encode(value)
      case .id(let text): try container.encode(text)
      case .ids(let texts): try container.encode(texts)
      }
    }

    var text: String {
      switch self {
      case .missing: "-"
      case .real(let value): value.formatted
      case .time(let value): Quantity.time(value)
      case .id(let text): text
      case .ids(let texts): texts.isEmpty ? "-" : texts.joined(separator: " ")
      }
    }
  }

  var log: String
  var version: UInt64
  /// Of the whole log.
  var totalRows: Int
  var firstRow: Int
  /// One object a row: column name and value.
  var rows: [[String: Cell]]
  private var order: [String]
  private static let cellWidthMax = 40

  enum CodingKeys: String, CodingKey { case log, version, totalRows, firstRow, rows }

  init(_ reader: FeatureLogReader, log: String, rows range: Range<Int>, columns: [String]) throws {
    self.log = log
    version = reader.snapshot.record.version
    totalRows = reader.rowCount
    firstRow = range.lowerBound
    order = columns.isEmpty ? reader.columnNames : columns
    rows = []
    let schema = try reader.snapshot.schema()
    var names: [String: IDNames] = [:]
    for field in schema.ids where order.contains("id/\(field.name)") {
      names["id/\(field.name)"] = try IDNames(reader.snapshot, space: field.space)
    }
    guard !range.isEmpty else { return }
    for index in range.lowerBound / reader.rowsPerGroup...(range.upperBound - 1) / reader.rowsPerGroup {
      let group = try reader.group(index, columns: Set(order))
      let first = index * reader.rowsPerGroup
      for row in range.clamped(to: first..<first + group.rowCount) {
        var cells: [String: Cell] = [:]
        for (name, column) in group.columns { cells[name] = try Self.cell(column, row - first, names[name]) }
        rows.append(cells)
      }
    }
  }

  private static func cell(_ column: RowGroup.Column, _ row: Int, _ names: IDNames?) throws -> Cell {
    func text(_ code: UInt32, _ ids: CodedIDs) throws -> String {
      let id = ids.distinct[Int(code)]
      return try names?.text(id) ?? "\(id)"
    }
    switch column {
    case .real(let values): return values[row].isNaN ? .missing : .real(values[row])
    case .time(let values): return values[row] == .absent ? .missing : .time(values[row])
    case .ids(let ids):
      guard let offsets = ids.offsets else {
        return ids.codes[row] == CodedIDs.missing ? .missing : .id(try text(ids.codes[row], ids))
      }
      return .ids(try ids.codes[Int(offsets[row])..<Int(offsets[row + 1])].map { try text($0, ids) })
    }
  }

  /// Rows stand side by side as columns where there are few of them: a row has many fields.
  var page: Page {
    let last = firstRow + rows.count
    var page = Page(
      .title(
        "Log \(log), version \(version): rows \(firstRow) to \(max(firstRow, last - 1)) of \(Quantity.count(totalRows))"
      ))
    for start in stride(from: 0, to: rows.count, by: 4) {
      let part = rows[start..<min(start + 4, rows.count)]
      var table = Table([.text("column")] + part.indices.map { .text("row \(firstRow + $0)") })
      for name in order { table.add([name] + part.map { Self.cut(($0[name] ?? .missing).text) }) }
      if start > 0 { page.add(.line("")) }
      page.add(.table(table))
    }
    if last < totalRows { page.add(.hint("more: --from \(last)")) }
    return page
  }

  private static func cut(_ text: String) -> String {
    text.count <= cellWidthMax ? text : text.prefix(cellWidthMax - 1) + "…"
  }
}
