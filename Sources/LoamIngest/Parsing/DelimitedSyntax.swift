/// CSV by RFC 4180 (quotes, doubled quotes, line feeds in quotes) and TSV, which has no quotes.
struct DelimitedSyntax: RecordSyntax {
  private static let quote = UInt8(ascii: "\"")
  private static let feed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  let delimiter: UInt8
  let quotes: Bool
  let trim: Bool
  /// Cells that every record must have; 0: any number.
  var columnCount = 0

  func expecting(columns: Int) -> DelimitedSyntax {
    var copy = self
    copy.columnCount = columns
    return copy
  }

  func isBlank(_ record: UnsafeBufferPointer<UInt8>) -> Bool {
    columnCount != 1 && record.withoutLineEnd.isEmpty
  }

  func extent(of bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> Int? {
    guard quotes else { return bytes.lineLength(atEnd: atEnd) }
    let line = bytes.index(of: Self.feed).map { $0 + 1 }
    let firstLine = UnsafeBufferPointer(start: bytes.baseAddress, count: line ?? bytes.count)
    guard firstLine.index(of: Self.quote) != nil else { return line ?? (atEnd ? bytes.count : nil) }
    return quotedExtent(of: bytes, atEnd: atEnd)
  }

  private func quotedExtent(of bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> Int? {
    var index = 0
    while index < bytes.count {
      // At the start of a cell.
      var first = index
      while trim, first < bytes.count, bytes[first] == 0x20 { first += 1 }
      if first < bytes.count, bytes[first] == Self.quote {
        guard let close = closingQuote(in: bytes, after: first + 1) else { return atEnd ? bytes.count : nil }
        index = close + 1
      }
      while index < bytes.count, bytes[index] != delimiter {
        if bytes[index] == Self.feed { return index + 1 }
        index += 1
      }
      index += 1
    }
    return atEnd ? bytes.count : nil
  }

  /// `nil` also where the quote is the last byte: a second one may follow.
  private func closingQuote(in bytes: UnsafeBufferPointer<UInt8>, after: Int) -> Int? {
    var index = after
    while let quote = bytes.index(of: Self.quote, from: index) {
      guard quote + 1 < bytes.count else { return nil }
      if bytes[quote + 1] != Self.quote { return quote }
      index = quote + 2
    }
    return nil
  }

  mutating func cut(_ record: inout Record) throws(RowFault) {
    record.fields.removeAll(keepingCapacity: true)
    let bytes = UnsafeBufferPointer(start: UnsafePointer(record.base), count: record.count).withoutLineEnd
    let base = record.base
    var index = 0
    while true {
      let cell: Record.Text
      var first = index
      while trim, first < bytes.count, bytes[first] == 0x20 { first += 1 }
      if quotes, first < bytes.count, bytes[first] == Self.quote {
        (cell, index) = try unquote(base, bytes.count, from: first)
      } else {
        let start = index
        var hasQuote = false
        while index < bytes.count, bytes[index] != delimiter {
          hasQuote = hasQuote || bytes[index] == Self.quote
          index += 1
        }
        let text = Record.Text(start: UnsafePointer(base) + start, count: index - start)
        if hasQuote && quotes {
          throw RowFault(
            text, "a quote inside a field that does not begin with one",
            hint: "Enclose the field in quotes and double the quotes in it, or declare `format: tsv`.")
        }
        cell = trim ? text.trimmed : text
      }
      record.fields.append(Record.Field(kind: .text, text: cell))
      if index >= bytes.count { break }
      index += 1
    }
    try checkCount(of: record, bytes)
  }

  private func checkCount(of record: Record, _ bytes: UnsafeBufferPointer<UInt8>) throws(RowFault) {
    let found = record.fields.count
    if columnCount == 0 || found == columnCount { return }
    let place = found > columnCount ? record.fields[columnCount].text : record.nowhere
    throw RowFault(
      found > columnCount ? place : Record.Text(start: place.start + bytes.count, count: 0),
      "expected \(columnCount) columns, found \(found)",
      hint: "The delimiter is \(delimiterName); a delimiter inside a field needs quotes.")
  }

  private var delimiterName: String {
    delimiter == 9 ? "a tab" : delimiter == 0x20 ? "a blank" : "`\(Character(Unicode.Scalar(delimiter)))`"
  }

  /// The content between the quotes, doubled ones made single in place, and the index after the cell.
  private func unquote(
    _ base: UnsafeMutablePointer<UInt8>, _ count: Int, from opening: Int
  ) throws(RowFault) -> (Record.Text, Int) {
    var read = opening + 1
    var write = read
    while true {
      guard read < count else {
        throw RowFault(
          Record.Text(start: UnsafePointer(base) + opening, count: min(count - opening, 64)),
          "the quote that opens here is never closed")
      }
      if base[read] == Self.quote {
        guard read + 1 < count, base[read + 1] == Self.quote else { break }
        read += 1
      }
      if write != read { base[write] = base[read] }
      write += 1
      read += 1
    }
    // Bytes left over after the content: no line feeds, so that lines are counted right in a message.
    for index in write..<read { base[index] = Self.quote }
    var next = read + 1
    while trim, next < count, base[next] == 0x20 { next += 1 }
    guard next >= count || base[next] == delimiter else {
      throw RowFault(
        Record.Text(start: UnsafePointer(base) + next, count: min(count - next, 64)),
        "expected a delimiter after the closing quote")
    }
    return (Record.Text(start: UnsafePointer(base) + opening + 1, count: write - opening - 1), next)
  }
}
