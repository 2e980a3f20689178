import LoamSchema

/// Writes a table as an Arrow IPC file: columns `id`, `string`, `vector`, `weight`.
struct ArrowTable {
  let content: TableContent
  let strings: TableDictionary?
  private var arrow: ArrowFile

  init(_ content: TableContent, _ strings: TableDictionary?, metadata: [String: String]) {
    (self.content, self.strings) = (content, strings)
    var columns = [ArrowColumn("id", .u64)]
    if strings != nil { columns.append(ArrowColumn("string", .string)) }
    if content.dimension > 0 { columns.append(ArrowColumn("vector", .f32, width: content.dimension)) }
    if content.hasWeight { columns.append(ArrowColumn("weight", .f32)) }
    arrow = ArrowFile(columns, metadata: metadata.sorted { $0.key < $1.key })
  }

  consuming func write(to path: String) throws(ExportError) -> FileDigest {
    var file = try OutputFile(creating: path)
    try file.append(arrow.head())
    for first in stride(from: 0, to: content.count, by: content.pieceRows) {
      let rows = first..<min(first + content.pieceRows, content.count)
      try file.append(arrow.batch(rows: rows.count, try values(rows)))
    }
    try file.append(arrow.tail())
    return try file.finish()
  }

  /// In the order of the columns.
  private func values(_ rows: Range<Int>) throws(ExportError) -> [ArrowValues] {
    var values = [ArrowValues(Array(content.ids[rows]))]
    if let strings {
      let part = strings.part(rows)
      values.append(ArrowValues(offsets: part.offsets.map { Int32($0) }, bytes: part.bytes))
    }
    for column in (content.dimension > 0 ? ["vector"] : []) + (content.hasWeight ? ["weight"] : []) {
      try content.forEachPiece(of: column, in: rows) { (_, piece) throws(ExportError) in
        values.append(ArrowValues(piece))
      }
    }
    return values
  }
}
