import LoamSchema

extension RowChanges {
  private static let none = UInt32.max

  func encode(to writer: inout ByteWriter) {
    writer.append(UInt8(isNew ? 1 : 0))
    writer.append(UInt32(ids.count))
    writer.append(array: BytePlanes.split(BytePlanes.differences(ids)))
    writer.append(UInt8(strings.isEmpty ? 0 : 1))
    for string in strings { writer.append(string.map { UInt32($0.utf8.count) } ?? Self.none) }
    for string in strings { writer.append(array: Array((string ?? "").utf8)) }
    writer.append(UInt32(columns.count))
    for column in columns {
      writer.append(text: column.name)
      writer.append(UInt32(column.stride))
      writer.append(UInt8(column.elementBytes))
      writer.append(array: BytePlanes.split(column.difference, elementBytes: column.elementBytes))
    }
  }

  init(_ reader: inout ByteReader) throws(StoreError) {
    isNew = try reader.number(UInt8.self) != 0
    let count = Int(try reader.number(UInt32.self))
    guard count <= Self.rowsMax else { throw reader.damaged("\(count) rows in one piece") }
    ids = BytePlanes.sums(BytePlanes.numbers(try reader.array(count * 8)))
    if try reader.number(UInt8.self) != 0 {
      let lengths: [UInt32] = try reader.array(count)
      for length in lengths {
        if length == Self.none {
          strings.append(nil)
          continue
        }
        let bytes: [UInt8] = try reader.array(Int(length))
        guard let string = String(validating: bytes, as: UTF8.self) else {
          throw reader.damaged("a string that is not UTF-8")
        }
        strings.append(string)
      }
    }
    for _ in 0..<(try reader.number(UInt32.self)) {
      let name = try reader.text()
      let stride = Int(try reader.number(UInt32.self))
      let elementBytes = Int(try reader.number(UInt8.self))
      guard [1, 2, 4, 8].contains(elementBytes), stride > 0, stride % elementBytes == 0 else {
        throw reader.damaged("column \(name) with rows of \(stride) bytes")
      }
      columns.append(
        Column(
          name: name, stride: stride, elementBytes: elementBytes,
          difference: BytePlanes.join(try reader.array(count * stride), elementBytes: elementBytes)))
    }
  }
}
