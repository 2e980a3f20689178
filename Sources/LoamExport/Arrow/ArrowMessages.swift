/// The messages of Arrow's IPC format: schema, record batch, footer.
///
/// Source: the format's Schema.fbs, Message.fbs and File.fbs, version V5; numbers of fields and unions as there.
struct ArrowMessages {
  /// Where a batch lies in the file.
  struct Block {
    var offset: Int
    var metadataBytes: Int
    var bodyBytes: Int
  }
  let columns: [ArrowColumn]
  let metadata: [(key: String, value: String)]
  private static let version: FlatBuffer.Field = .short(4)

  var schemaMessage: [UInt8] {
    var buffer = FlatBuffer()
    let schema = schema(in: &buffer)
    let root = Self.message(1, schema, bodyBytes: 0, in: &buffer)
    return buffer.finished(root: root)
  }

  /// - Parameter buffers: lengths; they lie one after the other, each padded to a multiple of 8.
  func batchMessage(rows: Int, _ values: [ArrowValues], buffers lengths: [Int]) -> [UInt8] {
    var buffer = FlatBuffer()
    var (places, offset): ([[Int64]], Int) = ([], 0)
    for length in lengths {
      places.append([Int64(offset), Int64(length)])
      offset += Self.padded(length)
    }
    let nodes = zip(columns, values).flatMap { column, values -> [[Int64]] in
      (column.width == nil ? [] : [[Int64(rows), 0]]) + [[Int64(values.count), Int64(values.nulls)]]
    }
    let (nodePlace, bufferPlace) = (
      buffer.vector(ofStructs: nodes, words: 2), buffer.vector(ofStructs: places, words: 2)
    )
    let batch = buffer.table([.long(Int64(rows)), .reference(nodePlace), .reference(bufferPlace)])
    let root = Self.message(3, batch, bodyBytes: offset, in: &buffer)
    return buffer.finished(root: root)
  }

  func footer(_ batches: [Block]) -> [UInt8] {
    var buffer = FlatBuffer()
    // A block is offset, i32 length of the metadata and its padding, length of the body.
    let blocks = buffer.vector(
      ofStructs: batches.map { [Int64($0.offset), Int64($0.metadataBytes), Int64($0.bodyBytes)] }, words: 3)
    let none = buffer.vector(ofStructs: [], words: 3)
    let schema = schema(in: &buffer)
    let root = buffer.table([Self.version, .reference(schema), .reference(none), .reference(blocks)])
    return buffer.finished(root: root)
  }

  static func padded(_ bytes: Int) -> Int { (bytes + 7) / 8 * 8 }

  private static func message(_ kind: UInt8, _ header: Int, bodyBytes: Int, in buffer: inout FlatBuffer) -> Int {
    buffer.table([version, .byte(kind), .reference(header), .long(Int64(bodyBytes))])
  }

  private func schema(in buffer: inout FlatBuffer) -> Int {
    var fields: [Int] = []
    for column in columns { fields.append(Self.field(column, in: &buffer)) }
    var entries: [Int] = []
    for entry in metadata {
      let (key, value) = (buffer.string(entry.key), buffer.string(entry.value))
      entries.append(buffer.table([.reference(key), .reference(value)]))
    }
    let (fieldPlace, entryPlace) = (buffer.vector(of: fields), buffer.vector(of: entries))
    return buffer.table([nil, .reference(fieldPlace), .reference(entryPlace)])
  }

  private static func field(_ column: ArrowColumn, in buffer: inout FlatBuffer) -> Int {
    let kind: UInt8
    let type: Int
    var children: [Int] = []
    if let width = column.width {
      children = [field(ArrowColumn("item", column.element, isNullable: column.isNullable), in: &buffer)]
      (kind, type) = (16, buffer.table([.int(Int32(width))]))
    } else {
      switch column.element {
      case .u64: (kind, type) = (2, buffer.table([.int(64)]))
      case .i64: (kind, type) = (2, buffer.table([.int(64), .byte(1)]))
      case .f32: (kind, type) = (3, buffer.table([.short(1)]))
      case .string: (kind, type) = (5, buffer.table([]))
      }
    }
    let (name, childPlace) = (buffer.string(column.name), buffer.vector(of: children))
    return buffer.table([
      .reference(name), column.isNullable && column.width == nil ? .byte(1) : nil, .byte(kind), .reference(type), nil,
      .reference(childPlace),
    ])
  }
}
