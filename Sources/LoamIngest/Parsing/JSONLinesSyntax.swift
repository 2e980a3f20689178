import LoamKernels

/// One JSON object a line; its keys are the columns. Keys that no column asks for are passed over.
struct JSONLinesSyntax: RecordSyntax {
  private let columns: [[UInt8]]
  private let placeOfHash: [UInt64: Int]
  /// The key that followed each column's key last: loggers write the keys of every record in the same order.
  private var following: [Int]
  private var passed: [Record.Element] = []
  private var seen: [Bool]

  init(_ columns: [String]) {
    self.columns = columns.map { Array($0.utf8) }
    // Two columns of one hash would only cost the second its lookups; the bytes are compared.
    placeOfHash = Dictionary(
      self.columns.enumerated().map { (Self.hash($1), $0) }, uniquingKeysWith: { first, _ in first })
    following = Array(repeating: 0, count: columns.count + 1)
    seen = Array(repeating: false, count: columns.count)
  }

  mutating func cut(_ record: inout Record) throws(RowFault) {
    let absent = Record.Field(kind: .absent, text: record.nowhere)
    record.fields.removeAll(keepingCapacity: true)
    for index in columns.indices {
      record.fields.append(absent)
      seen[index] = false
    }
    record.elements.removeAll(keepingCapacity: true)
    var scanner = JSONScanner(record)
    var more = try scanner.openObject()
    var last = columns.count
    while more {
      let key = try scanner.key()
      if let place = place(of: key, after: &last) {
        if seen[place] { throw RowFault(key, "the key occurs twice") }
        seen[place] = true
        record.fields[place] = try scanner.value(&record.elements)
      } else {
        passed.removeAll(keepingCapacity: true)
        _ = try scanner.value(&passed)
      }
      more = try scanner.nextMember()
    }
    try scanner.end()
  }

  private mutating func place(of key: Record.Text, after last: inout Int) -> Int? {
    let guess = following[last]
    if guess < columns.count, key.bytes.equals(columns[guess]) {
      last = guess
      return guess
    }
    guard let place = placeOfHash[loam_hash_bytes(key.start, key.count)], key.bytes.equals(columns[place]) else {
      return nil
    }
    following[last] = place
    last = place
    return place
  }

  private static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { loam_hash_bytes($0.baseAddress, $0.count) }
  }
}
