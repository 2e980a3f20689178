/// The bytes of an Arrow IPC file (Feather version 2), batch by batch.
///
/// ```
///   ARROW1 0 0 | schema | batch | batch | ... | end | footer | its length | ARROW1
///   schema, batch: 0xFFFFFFFF, length of the metadata, metadata, body
/// ```
///
/// ```swift
/// var file = ArrowFile([ArrowColumn("id", .u64)])
/// write(file.head())
/// write(file.batch(rows: 2, [ArrowValues([7, 8] as [UInt64])]))
/// write(file.tail())
/// ```
public struct ArrowFile: Sendable {
  private static let magic = Array("ARROW1".utf8)
  private let messages: ArrowMessages
  private var offset = 0
  private var batches: [ArrowMessages.Block] = []

  /// - Parameter metadata: of the schema, in this order.
  public init(_ columns: [ArrowColumn], metadata: [(key: String, value: String)] = []) {
    messages = ArrowMessages(columns: columns, metadata: metadata)
  }

  /// What stands before the first batch.
  public mutating func head() -> [UInt8] { passed(Self.magic + [0, 0] + Self.framed(messages.schemaMessage)) }

  /// - Parameter values: of each column, for `rows` rows.
  public mutating func batch(rows: Int, _ values: [ArrowValues]) -> [UInt8] {
    precondition(
      values.count == messages.columns.count
        && zip(values, messages.columns).allSatisfy { $0.count == rows * ($1.width ?? 1) },
      "\(rows) rows of \(messages.columns.count) columns")
    let buffers = zip(messages.columns, values).flatMap { column, values in
      // A list has a validity of its own: none is missing.
      (column.width == nil ? [] : [[]]) + [values.validity] + values.content
    }
    let metadata = Self.framed(messages.batchMessage(rows: rows, values, buffers: buffers.map(\.count)))
    var body: [UInt8] = []
    body.reserveCapacity(buffers.reduce(0) { $0 + ArrowMessages.padded($1.count) })
    for buffer in buffers {
      body += buffer
      body += [UInt8](repeating: 0, count: ArrowMessages.padded(buffer.count) - buffer.count)
    }
    batches.append(.init(offset: offset, metadataBytes: metadata.count, bodyBytes: body.count))
    return passed(metadata + body)
  }

  /// What stands behind the last batch.
  public func tail() -> [UInt8] {
    let footer = messages.footer(batches)
    return Self.bytes([UInt32.max, 0]) + footer + Self.bytes([UInt32(footer.count)]) + Self.magic
  }

  private mutating func passed(_ bytes: [UInt8]) -> [UInt8] {
    offset += bytes.count
    return bytes
  }

  private static func bytes(_ words: [UInt32]) -> [UInt8] { words.withUnsafeBytes(Array.init) }

  private static func framed(_ metadata: [UInt8]) -> [UInt8] {
    let padding = ArrowMessages.padded(metadata.count) - metadata.count
    return bytes([UInt32.max, UInt32(metadata.count + padding)]) + metadata + [UInt8](repeating: 0, count: padding)
  }
}
