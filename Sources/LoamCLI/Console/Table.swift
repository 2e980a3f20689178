/// Rows under headings, columns aligned.
///
/// ```
///   item     count   share
///   ────  ────────  ──────
///   1968   218,122  43.6 %
/// ```
struct Table: Equatable {
  enum Alignment: Equatable { case left, right }

  struct Column: Equatable {
    var title: String
    var alignment: Alignment

    static func text(_ title: String) -> Column { Column(title: title, alignment: .left) }
    /// `unit` stands behind the title: `speed (rows/s)`.
    static func number(_ title: String, unit: String? = nil) -> Column {
      Column(title: unit.map { "\(title) (\($0))" } ?? title, alignment: .right)
    }
  }

  var columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: Column...) { self.columns = columns }
  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: String...) { add(cells) }
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has one cell a column")
    rows.append(cells.map { $0.printable })
  }

  func lines(_ style: Style) -> [String] {
    let titles = columns.map(\.title)
    let widths = columns.indices.map { index in (rows.map { $0[index].count } + [titles[index].count]).max()! }
    func line(_ cells: [String]) -> String {
      zip(columns.indices, cells).map { index, cell in
        let blanks = String(repeating: " ", count: widths[index] - cell.count)
        return columns[index].alignment == .right ? blanks + cell : cell + blanks
      }.joined(separator: "  ").trimmedEnd
    }
    let body = rows.map { "  " + line($0) }
    guard titles.contains(where: { !$0.isEmpty }) else { return body }
    let rule = line(widths.map { String(repeating: "─", count: $0) })
    return ["  " + style.bold(line(titles)), "  " + style.dim(rule)] + body
  }
}

extension Table {
  /// Names and what they are, without headings.
  static func facts(_ pairs: [(String, String)]) -> Table {
    var table = Table(.text(""), .text(""))
    for (name, value) in pairs { table.add(name, value) }
    return table
  }
}

extension String {
  var trimmedEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// Control characters replaced: stored strings must not move the reader's cursor.
  var printable: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    return String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{fffd}" : $0 }))
  }
}
