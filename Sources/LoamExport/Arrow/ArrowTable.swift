import LoamSchema

/// Writes a table as an Arrow IPC file (Feather version 2): columns `id`, `string`, `vector`, `weight`.
///
/// ```
///   ARROW1 0 0 | schema | batch | batch | ... | end | footer | its length | ARROW1
///   schema, batch: 0xFFFFFFFF, length of the metadata, metadata, body
/// ```
struct ArrowTable {
  private static let magic = Array("ARROW1".utf8)
  let content: TableContent
  let strings: TableDictionary?
  private let messages: ArrowMessages

  init(_ content: TableContent, _ strings: TableDictionary?, metadata: [String: String]) {
    (self.content, self.strings) = (content, strings)
    var columns = [ArrowMessages.Column(name: "id", kind: .u64)]
    if strings != nil { columns.append(.init(name: "string", kind: .string)) }
    if content.dimension > 0 { columns.append(.init(name: "vector", kind: .vector(content.dimension))) }
    if content.hasWeight { columns.append(.init(name: "weight", kind: .f32)) }
    messages = ArrowMessages(columns: columns, metadata: metadata.sorted { $0.key < $1.key })
  }

  func write(to path: String) throws(ExportError) -> FileDigest {
    var file = try OutputFile(creating: path)
    var offset = 0
    func append(_ bytes: [UInt8], to file: inout OutputFile) throws(ExportError) {
      try file.append(bytes)
      offset += bytes.count
    }
    try append(Self.magic + [0, 0], to: &file)
    try append(Self.framed(messages.schemaMessage), to: &file)
    var blocks: [ArrowMessages.Block] = []
    for first in stride(from: 0, to: content.count, by: content.pieceRows) {
      let rows = first..<min(first + content.pieceRows, content.count)
      let buffers = try buffers(rows)
      let metadata = Self.framed(messages.batchMessage(rows: rows.count, buffers: buffers.map(\.count)))
      let body = buffers.flatMap { $0 + [UInt8](repeating: 0, count: ArrowMessages.padded($0.count) - $0.count) }
      blocks.append(.init(offset: offset, metadataBytes: metadata.count, bodyBytes: body.count))
      try append(metadata, to: &file)
      try append(body, to: &file)
    }
    try append(Self.bytes([UInt32.max, 0]), to: &file)
    let footer = messages.footer(blocks)
    try append(footer + Self.bytes([Int32(footer.count)]) + Self.magic, to: &file)
    return try file.finish()
  }

  /// In the order of the columns; validity is left out where nothing is null.
  private func buffers(_ rows: Range<Int>) throws(ExportError) -> [[UInt8]] {
    var buffers: [[UInt8]] = [[], Self.bytes(Array(content.ids[rows]))]
    if let strings {
      let part = strings.part(rows)
      buffers += [[], Self.bytes(part.offsets.map { Int32($0) }), part.bytes]
    }
    if content.dimension > 0 {
      try content.forEachPiece(of: "vector", in: rows) { (_, values) throws(ExportError) in
        buffers += [[], [], Self.bytes(values)]
      }
    }
    if content.hasWeight {
      try content.forEachPiece(of: "weight", in: rows) { (_, values) throws(ExportError) in
        buffers += [[], Self.bytes(values)]
      }
    }
    return buffers
  }

  private static func bytes<Element: BitwiseCopyable>(_ values: [Element]) -> [UInt8] {
    values.withUnsafeBytes(Array.init)
  }

  private static func framed(_ metadata: [UInt8]) -> [UInt8] {
    let padding = ArrowMessages.padded(metadata.count) - metadata.count
    return bytes([UInt32.max, UInt32(metadata.count + padding)]) + metadata + [UInt8](repeating: 0, count: padding)
  }
}
