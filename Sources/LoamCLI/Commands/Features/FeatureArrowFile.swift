import LoamExport
import LoamQuery
import LoamSchema

/// Arrow's IPC format: lists of a fixed length, nulls for what is missing.
final class FeatureArrowFile: FeatureFile {
  private let file: LineFile
  private let texts: FeatureTexts
  private var arrow: ArrowFile

  init(_ path: String, _ texts: FeatureTexts) throws {
    (file, self.texts) = (try LineFile(path), texts)
    arrow = ArrowFile(
      texts.layout.columns.enumerated().map { index, column in
        let element: ArrowColumn.Element =
          switch column.element {
          case .real: .f32
          case .number: .i64
          case .id: texts.isText(index) ? .string : .u64
          }
        return ArrowColumn(column.name, element, width: column.count, isNullable: column.element != .number)
      })
    try write(arrow.head())
  }

  /// Of a column in a batch, whose strings the format counts in 31 bits.
  private static let elementsMax = 1 << 16

  func write(_ records: UnsafeRawBufferPointer, count: Int) throws {
    let widest = texts.layout.columns.map(\.elements).max() ?? 1
    let rows = max(1, Self.elementsMax / widest)
    for first in stride(from: 0, to: count, by: rows) { try writeBatch(records, first..<min(first + rows, count)) }
  }

  private func writeBatch(_ records: UnsafeRawBufferPointer, _ rows: Range<Int>) throws {
    let columns = texts.layout.columns
    let values = try columns.indices.map { index in
      let column = columns[index]
      func elements<Element: BitwiseCopyable>(_ type: Element.Type) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(rows.count * column.elements)
        for row in rows {
          let start = row * texts.layout.rowBytes + column.offset
          for place in stride(from: start, to: start + column.bytes, by: column.element.bytes) {
            elements.append(records.loadUnaligned(fromByteOffset: place, as: type))
          }
        }
        return elements
      }
      switch column.element {
      case .real: return ArrowValues(elements(Float.self), isMissing: \.isNaN)
      case .number: return ArrowValues(elements(Int64.self))
      case .id where texts.isText(index):
        return ArrowValues(try elements(ID.self).map { $0 == .missing ? nil : try texts.text(index, $0) })
      case .id: return ArrowValues(elements(ID.self)) { $0 == .missing }
      }
    }
    try write(arrow.batch(rows: rows.count, values))
  }

  func finish(count: Int) throws {
    try write(arrow.tail())
    try file.finish()
  }

  private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try file.write(bytes: $0) } }
}
