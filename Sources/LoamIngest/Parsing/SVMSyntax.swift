/// libsvm (`label index:value ...`, column `features`) and libffm (`label field:index:value ...`, columns `f0`, `f1`...).
///
/// The indices are IDs, the values their weights. A comment runs from `#` to the end of the line.
struct SVMSyntax: RecordSyntax {
  private let hasFields: Bool
  private let columnCount: Int
  private let labelPlaces: [Int]
  private let featurePlaces: [Int]
  /// libffm: number of the field -> places of the columns that take it.
  private let placesOfField: [Int: [Int]]
  /// (field, element) of the record at hand, in file order.
  private var pairs: [(field: Int, element: Record.Element)] = []

  init(_ columns: [String], hasFields: Bool, file: String) throws(IngestError) {
    self.hasFields = hasFields
    columnCount = columns.count
    var (labels, features): ([Int], [Int]) = ([], [])
    var fields: [Int: [Int]] = [:]
    for (place, column) in columns.enumerated() {
      if column == "label" {
        labels.append(place)
      } else if !hasFields && column == "features" {
        features.append(place)
      } else if hasFields, column.first == "f", let field = Int(column.dropFirst()), field >= 0 {
        fields[field, default: []].append(place)
      } else {
        throw IngestError(
          .unknownColumn, "\(file): the schema's column \"\(column)\" is none of the format's columns",
          hint: hasFields ? "libffm has the columns label, f0, f1, ..." : "libsvm has the columns label and features.")
      }
    }
    (labelPlaces, featurePlaces, placesOfField) = (labels, features, fields)
  }

  mutating func cut(_ record: inout Record) throws(RowFault) {
    let absent = Record.Field(kind: .absent, text: record.nowhere)
    record.fields.removeAll(keepingCapacity: true)
    for _ in 0..<columnCount { record.fields.append(absent) }
    record.elements.removeAll(keepingCapacity: true)
    pairs.removeAll(keepingCapacity: true)

    var bytes = UnsafeBufferPointer(start: UnsafePointer(record.base), count: record.count).withoutLineEnd
    if let comment = bytes.index(of: UInt8(ascii: "#")) { bytes = UnsafeBufferPointer(rebasing: bytes[..<comment]) }
    var index = 0
    guard let label = token(of: bytes, &index) else {
      throw RowFault(record.nowhere, "expected a label")
    }
    for place in labelPlaces { record.fields[place] = Record.Field(kind: .text, text: label) }
    while let feature = token(of: bytes, &index) { try add(feature, to: &record) }
    if hasFields { spread(&record) }
    for place in featurePlaces {
      record.fields[place] = Record.Field(
        kind: .list, text: label.suffix(from: label.count), elementCount: Int32(record.elements.count))
    }
  }

  private func token(of bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Record.Text? {
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    let first = index
    while index < bytes.count, bytes[index] != 0x20, bytes[index] != 0x09 { index += 1 }
    return first == index ? nil : Record.Text(start: bytes.baseAddress! + first, count: index - first)
  }

  private mutating func add(_ feature: Record.Text, to record: inout Record) throws(RowFault) {
    let colon = UInt8(ascii: ":")
    var rest = feature
    var field = 0
    if hasFields {
      guard let end = rest.bytes.index(of: colon), let number = parseUnsigned(rest.prefix(end)), number <= 1 << 31
      else { throw RowFault(feature, "expected field:index:value") }
      field = Int(number)
      rest = rest.suffix(from: end + 1)
    }
    guard let end = rest.bytes.index(of: colon) else {
      throw RowFault(feature, hasFields ? "expected field:index:value" : "expected index:value")
    }
    let element = Record.Element(text: rest.prefix(end), weight: rest.suffix(from: end + 1))
    if hasFields { pairs.append((field, element)) } else { record.elements.append(element) }
  }

  /// Groups the pairs by column. A field that the schema does not name is passed over.
  private func spread(_ record: inout Record) {
    // Per field in file order; records have few fields, so a pass for each is cheap.
    for (field, places) in placesOfField {
      let first = record.elements.count
      for pair in pairs where pair.field == field { record.elements.append(pair.element) }
      if record.elements.count == first { continue }
      for place in places {
        record.fields[place] = Record.Field(
          kind: .list, text: record.elements[first].text, firstElement: Int32(first),
          elementCount: Int32(record.elements.count - first))
      }
    }
  }
}
