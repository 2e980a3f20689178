import ArgumentParser
import Foundation
import SQLite

/// How rows are printed.
enum RowFormat: String, ExpressibleByArgument, CaseIterable {
  case table, csv, json
}

/// Prints the rows of statements as they come: memory does not grow with their number.
final class RowWriter {
  let format: RowFormat
  private let terminal: Terminal
  /// A table's columns are as wide as this many rows ask for.
  private static let rowsTogether = 1_000
  private static let bytesTogether = 1 << 16

  init(_ format: RowFormat, terminal: Terminal = .output) { (self.format, self.terminal) = (format, terminal) }

  func write(_ statement: SQLiteStatement, isFirst: Bool) throws {
    let columns = (0..<statement.columnCount).map { SQLColumnText(statement, $0) }
    switch format {
    case .table: try writeTable(statement, columns, isFirst: isFirst)
    case .csv: try writeCSV(statement, columns, isFirst: isFirst)
    case .json: try writeJSON(statement, columns)
    }
  }

  private func writeTable(_ statement: SQLiteStatement, _ columns: [SQLColumnText], isFirst: Bool) throws {
    if !isFirst { terminal.write("\n") }
    var (isEnd, isHead) = (false, true)
    while !isEnd {
      var rows: [[SQLiteValue]] = []
      while rows.count < Self.rowsTogether {
        isEnd = try !statement.step()
        if isEnd { break }
        rows.append(columns.indices.map { statement[$0] })
      }
      if rows.isEmpty && !isHead { break }
      var table = Table(
        columns.indices.map { place -> Table.Column in
          let isNumber = rows.contains { $0[place] != .null } && rows.allSatisfy { $0[place].isNumberOrNull }
          return Table.Column(title: isHead ? columns[place].name : "", alignment: isNumber ? .right : .left)
        })
      for row in rows { table.add(zip(columns, row).map { $0.cell($1) }) }
      terminal.write(table.lines(terminal.style).map { $0 + "\n" }.joined())
      isHead = false
    }
  }

  private func writeCSV(_ statement: SQLiteStatement, _ columns: [SQLColumnText], isFirst: Bool) throws {
    var text = (isFirst ? "" : "\n") + columns.map { Self.csv($0.name) }.joined(separator: ",") + "\n"
    while try statement.step() {
      text += columns.indices.map { Self.csv(columns[$0].text(statement[$0])) }.joined(separator: ",") + "\n"
      flush(&text, atLeast: Self.bytesTogether)
    }
    flush(&text)
  }

  private func writeJSON(_ statement: SQLiteStatement, _ columns: [SQLColumnText]) throws {
    let names = columns.map { SQLColumnText.quoted($0.name) }
    var (text, isFirst) = ("[", true)
    while try statement.step() {
      let members = columns.indices.map { "\(names[$0]): \(columns[$0].json(statement[$0]))" }
      text += (isFirst ? "\n" : ",\n") + "  {" + members.joined(separator: ", ") + "}"
      isFirst = false
      flush(&text, atLeast: Self.bytesTogether)
    }
    text += isFirst ? "]\n" : "\n]\n"
    flush(&text)
  }

  private func flush(_ text: inout String, atLeast bytes: Int = 0) {
    guard text.utf8.count >= bytes else { return }
    terminal.write(text)
    text = ""
  }

  /// RFC 4180: quoted where it must be.
  private static func csv(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

extension SQLiteValue {
  fileprivate var isNumberOrNull: Bool {
    switch self {
    case .null, .integer, .real: true
    case .text, .blob: false
    }
  }
}
