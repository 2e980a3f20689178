import LoamKernels
import LoamSchema

/// The bytes of one column of one row group, before zstd.
///
/// ```
///   kind u8, code width u8, length width u8, 0, rows u32
///   real   f32 x rows
///   time   i64 x rows, each less the one before it
///   IDs    distinct u32, values u32, ID u64 x distinct, code x values, length x rows (not id), weight f32 x values
/// ```
///
/// Codes and lengths take 1, 2 or 4 bytes, as few as the largest needs. A missing `id` has the code `distinct`.
enum LogColumnEncoding {
  private static let kinds: [LogColumnKind] = [.real, .time, .id, .ids, .weightedIDs]

  /// Throws `tooLarge` for more bytes than a block holds.
  static func encode(_ column: RowGroup.Column, _ name: String, of log: TableName) throws(StoreError) -> [UInt8] {
    let content = encode(column)
    guard content.count <= Block.contentBytesMax else {
      throw StoreError(
        .tooLarge, "\(log) column \(name): \(content.count) bytes in one group of rows",
        hint: "Give the field a lower maximum length.")
    }
    return content
  }

  static func encode(_ column: RowGroup.Column) -> [UInt8] {
    let kind = LogColumnKind(column)
    var writer = ByteWriter()
    writer.append(UInt8(kinds.firstIndex(of: kind)!))
    switch column {
    case .real(let values):
      header(&writer, codeWidth: 0, lengthWidth: 0, rows: values.count)
      writer.append(array: values)
    case .time(let values):
      header(&writer, codeWidth: 0, lengthWidth: 0, rows: values.count)
      var previous: Timestamp = 0
      let deltas = values.map { time in
        defer { previous = time }
        return time &- previous
      }
      writer.append(array: deltas)
    case .ids(let ids):
      encode(ids, to: &writer)
    }
    return writer.bytes
  }

  private static func header(_ writer: inout ByteWriter, codeWidth: UInt8, lengthWidth: UInt8, rows: Int) {
    writer.append(codeWidth)
    writer.append(lengthWidth)
    writer.append(UInt8(0))
    writer.append(UInt32(rows))
  }

  private static func encode(_ ids: CodedIDs, to writer: inout ByteWriter) {
    let missing = UInt32(ids.distinct.count)
    let codes = ids.codes.map { $0 == CodedIDs.missing ? missing : $0 }
    let lengths = ids.offsets.map { offsets in (1..<offsets.count).map { offsets[$0] - offsets[$0 - 1] } } ?? []
    let codeWidth = width(codes)
    let lengthWidth = width(lengths)
    header(&writer, codeWidth: codeWidth, lengthWidth: lengthWidth, rows: ids.rowCount)
    writer.append(missing)
    writer.append(UInt32(codes.count))
    writer.append(array: ids.distinct)
    append(codes, codeWidth, to: &writer)
    append(lengths, lengthWidth, to: &writer)
    writer.append(array: ids.weights ?? [])
  }

  private static func width(_ numbers: [UInt32]) -> UInt8 {
    let largest = numbers.max() ?? 0
    return largest <= UInt32(UInt8.max) ? 1 : largest <= UInt32(UInt16.max) ? 2 : 4
  }

  private static func append(_ numbers: [UInt32], _ width: UInt8, to writer: inout ByteWriter) {
    switch width {
    case 1: writer.append(array: numbers.map { UInt8(truncatingIfNeeded: $0) })
    case 2: writer.append(array: numbers.map { UInt16(truncatingIfNeeded: $0) })
    default: writer.append(array: numbers)
    }
  }

  /// Throws `badBlock` for any bytes that are not `rows` rows of `kind`.
  static func decode(_ content: [UInt8], kind: LogColumnKind, rows: Int, place: String) throws(StoreError)
    -> RowGroup.Column
  {
    try content.reading(place) { (reader) throws(StoreError) in
      let (codeWidth, lengthWidth) = try header(&reader, kind: kind, rows: rows)
      let column: RowGroup.Column
      switch kind {
      case .real: column = .real(try reader.array(rows))
      case .time:
        var time: Timestamp = 0
        column = .time(
          try reader.array(rows, of: Int64.self).map { delta in
            time &+= delta
            return time
          })
      default: column = .ids(try decodeIDs(&reader, kind, rows, codeWidth, lengthWidth))
      }
      try reader.end()
      return column
    }
  }

  private static func header(_ reader: inout ByteReader, kind: LogColumnKind, rows: Int) throws(StoreError)
    -> (codeWidth: UInt8, lengthWidth: UInt8)
  {
    let found: UInt8 = try reader.number()
    guard found < kinds.count, kinds[Int(found)] == kind else { throw reader.damaged("not a column of \(kind)") }
    let widths = (codeWidth: try reader.number(UInt8.self), lengthWidth: try reader.number(UInt8.self))
    _ = try reader.number(UInt8.self)
    let foundRows = Int(try reader.number(UInt32.self))
    guard foundRows == rows else { throw reader.damaged("expected \(rows) rows, found \(foundRows)") }
    return widths
  }

  /// A column of one ID a row where it lies, checked as `decode` does.
  static func storedIDs(_ reader: inout ByteReader, rows: Int) throws(StoreError) -> StoredIDs {
    let width = try header(&reader, kind: .id, rows: rows).codeWidth
    let distinct: UInt32 = try reader.number()
    let values = Int(try reader.number(UInt32.self))
    guard values == rows else { throw reader.damaged("\(values) values in \(rows) rows") }
    guard [1, 2, 4].contains(width) else { throw reader.damaged("numbers of \(width) bytes") }
    let ids = try reader.raw(Int(distinct) * MemoryLayout<ID>.stride)
    let codes = try reader.raw(rows * Int(width))
    try reader.end()
    guard loam_largest_code(codes.baseAddress, Int(width), rows) <= distinct else {
      throw reader.damaged("a code beyond \(distinct)")
    }
    return StoredIDs(distinct: ids, codes: codes, codeBytes: Int(width))
  }

  private static func decodeIDs(
    _ reader: inout ByteReader, _ kind: LogColumnKind, _ rows: Int, _ codeWidth: UInt8, _ lengthWidth: UInt8
  ) throws(StoreError) -> CodedIDs {
    let distinct: UInt32 = try reader.number()
    let values = Int(try reader.number(UInt32.self))
    var ids = CodedIDs(distinct: try reader.array(Int(distinct)))
    ids.codes = try numbers(&reader, values, codeWidth)
    if kind == .id {
      guard values == rows else { throw reader.damaged("\(values) values in \(rows) rows") }
      for index in ids.codes.indices where ids.codes[index] >= distinct {
        guard ids.codes[index] == distinct else { throw reader.damaged("a code beyond \(distinct)") }
        ids.codes[index] = CodedIDs.missing
      }
      return ids
    }
    guard ids.codes.allSatisfy({ $0 < distinct }) else { throw reader.damaged("a code beyond \(distinct)") }
    var end: UInt64 = 0
    var offsets: [UInt32] = [0]
    for length in try numbers(&reader, rows, lengthWidth) {
      end += UInt64(length)
      guard end <= values else { throw reader.damaged("rows with more than \(values) values") }
      offsets.append(UInt32(end))
    }
    guard end == values else { throw reader.damaged("\(values) values, \(end) in rows") }
    ids.offsets = offsets
    if kind == .weightedIDs { ids.weights = try reader.array(values) }
    return ids
  }

  private static func numbers(_ reader: inout ByteReader, _ count: Int, _ width: UInt8) throws(StoreError) -> [UInt32] {
    switch width {
    case 1: try reader.array(count, of: UInt8.self).map { UInt32($0) }
    case 2: try reader.array(count, of: UInt16.self).map { UInt32($0) }
    case 4: try reader.array(count)
    default: throw reader.damaged("numbers of \(width) bytes")
    }
  }
}
