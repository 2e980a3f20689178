import LoamExport
import LoamQuery
import LoamSchema

/// Arrow's IPC format: a batch each time that records are written, lists of a fixed length, nulls for what is missing.
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

  func write(_ records: UnsafeRawBufferPointer, count: Int) throws {
    var values: [ArrowValues] = []
    for (index, column) in texts.layout.columns.enumerated() {
      var (reals, numbers, ids): ([Float], [Int64], [ID]) = ([], [], [])
      for record in 0..<count {
        let row = record * texts.layout.rowBytes
        switch ViewRow.values(column, UnsafeRawBufferPointer(rebasing: records[row..<row + texts.layout.rowBytes])) {
        case .real(let values): reals += values
        case .numbers(let values): numbers += values
        case .ids(let values): ids += values
        }
      }
      switch column.element {
      case .real: values.append(ArrowValues(reals, isMissing: \.isNaN))
      case .number: values.append(ArrowValues(numbers))
      case .id where texts.isText(index):
        values.append(ArrowValues(try ids.map { $0 == .missing ? nil : try texts.text(index, $0) }))
      case .id: values.append(ArrowValues(ids) { $0 == .missing })
      }
    }
    try write(arrow.batch(rows: count, values))
  }

  func finish(count: Int) throws {
    try write(arrow.tail())
    try file.finish()
  }

  private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try file.write(bytes: $0) } }
}
