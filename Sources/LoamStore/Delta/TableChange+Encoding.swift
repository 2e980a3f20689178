import FoundationEssentials
import LoamSchema

/// The bytes of a change, before zstd. Little-endian; texts are a length u32 and UTF-8.
///
/// ```
///   1 removed   count u32, number u64 x count, each less the one before it
///   2 rows      new u8, count u32, ID u64 x count (differences, byte planes), has strings u8,
///               strings: length u32 x count (0xFFFFFFFF: none), bytes
///               columns u32, for each: name, stride u32, bytes an element u8, difference (byte planes)
///   3 log rows  rows u32, columns u32, for each: name, kind, length u32, the log's own encoding of the column
///   4 sources   JSON
///   5 events    first arrival u64, count u32, fields u32, kind u8 x fields, then entity, time (difference), known at
///               (less time), and each field's bits: u64 x count, byte planes
///   6 blob      name, there u8, length u64, bytes
/// ```
///
/// Byte planes: the first bytes of all numbers, then the second ones. High bytes are alike, so zstd finds them.
extension TableChange {
  enum Kind: UInt8 { case removed = 1, rows, logRows, logSources, events, blob }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .removed(let numbers):
      writer.append(Kind.removed.rawValue)
      writer.append(UInt32(numbers.count))
      writer.append(array: BytePlanes.differences(numbers))
    case .rows(let rows):
      writer.append(Kind.rows.rawValue)
      rows.encode(to: &writer)
    case .logRows(let group):
      writer.append(Kind.logRows.rawValue)
      writer.append(UInt32(group.rowCount))
      writer.append(UInt32(group.columns.count))
      for (name, column) in group.columns.sorted(by: { $0.key < $1.key }) {
        let content = LogColumnEncoding.encode(column)
        writer.append(text: name)
        writer.append(text: LogColumnKind(column).rawValue)
        writer.append(UInt32(content.count))
        writer.append(array: content)
      }
    case .logSources(let sources):
      writer.append(Kind.logSources.rawValue)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      guard let data = try? encoder.encode(sources) else { preconditionFailure("sources always encode") }
      writer.append(array: [UInt8](data))
    case .events(let first, let events):
      writer.append(Kind.events.rawValue)
      EventChanges.encode(first, events, to: &writer)
    case .blob(let name, let bytes):
      writer.append(Kind.blob.rawValue)
      writer.append(text: name)
      writer.append(UInt8(bytes == nil ? 0 : 1))
      writer.append(UInt64(bytes?.count ?? 0))
      writer.append(array: bytes ?? [])
    }
    return writer.bytes
  }

  /// Throws `badBlock` for any bytes that are not a change.
  init(_ content: [UInt8], place: String) throws(StoreError) {
    self = try content.reading(place) { (reader) throws(StoreError) in
      let number: UInt8 = try reader.number()
      guard let kind = Kind(rawValue: number) else { throw reader.damaged("no change has kind \(number)") }
      let change: TableChange
      switch kind {
      case .removed:
        let count = Int(try reader.number(UInt32.self))
        change = .removed(BytePlanes.sums(try reader.array(count)))
      case .rows: change = .rows(try RowChanges(&reader))
      case .logRows: change = .logRows(try Self.logRows(&reader, place))
      case .logSources:
        let json: [UInt8] = try reader.array(reader.remaining)
        guard let sources = try? JSONDecoder().decode([LogSource].self, from: Data(json)) else {
          throw reader.damaged("not the sources of a log")
        }
        change = .logSources(sources)
      case .events:
        let (first, events) = try EventChanges.decode(&reader)
        change = .events(first: first, events)
      case .blob:
        let name = try reader.text()
        let isThere = try reader.number(UInt8.self) != 0
        let count = try reader.number(UInt64.self)
        guard count == UInt64(reader.remaining) else { throw reader.damaged("a blob of \(count) bytes") }
        let bytes: [UInt8] = try reader.array(Int(count))
        change = .blob(name, isThere ? bytes : nil)
      }
      try reader.end()
      return change
    }
  }

  private static func logRows(_ reader: inout ByteReader, _ place: String) throws(StoreError) -> RowGroup {
    let rows = Int(try reader.number(UInt32.self))
    guard rows <= LogMeta.rowsPerGroup else { throw reader.damaged("\(rows) rows in one group") }
    var group = RowGroup(rowCount: rows)
    for _ in 0..<(try reader.number(UInt32.self)) {
      let name = try reader.text()
      guard let kind = LogColumnKind(rawValue: try reader.text()), group.columns[name] == nil else {
        throw reader.damaged("column \(name) twice, or of an unknown kind")
      }
      let count = Int(try reader.number(UInt32.self))
      group.columns[name] = try LogColumnEncoding.decode(
        try reader.array(count), kind: kind, rows: rows, place: "\(place) column \(name)")
    }
    return group
  }
}

extension ByteWriter {
  mutating func append(text: String) {
    append(UInt32(text.utf8.count))
    append(array: Array(text.utf8))
  }
}

extension ByteReader {
  mutating func text() throws(StoreError) -> String {
    let bytes: [UInt8] = try array(Int(try number(UInt32.self)))
    guard let text = String(validating: bytes, as: UTF8.self) else { throw damaged("text that is not UTF-8") }
    return text
  }
}
