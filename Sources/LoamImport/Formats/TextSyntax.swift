/// Where a field lies in its line, quotes apart.
struct TextField {
  var range: Range<Int>
  var isQuoted = false
}

/// How a line of text is cut into an ID and numbers.
struct TextSyntax {
  let format: ImportFormat
  private(set) var hasHeader = false
  /// Which of the fields is the ID.
  private(set) var idIndex = 0

  init(_ format: ImportFormat) { self.format = format }

  private var delimiter: UInt8? {
    switch format {
    case .csv: UInt8(ascii: ",")
    case .tsv: 0x09
    default: nil
    }
  }

  /// What the first line says: the dimension, and whether it holds names.
  mutating func shape(_ line: [UInt8], _ name: String, idColumn: String?) throws(ImportError) -> Int {
    var fields: [TextField] = []
    var text = line
    if text.last == 0x0D { text.removeLast() }
    let place = "\(name):1"
    let result = text.withUnsafeBytes { bytes -> Result<[Bool], ImportError> in
      do throws(ImportError) {
        fields = try split(bytes, place)
        return .success(fields.map { !$0.isQuoted && TextSource.number($0, bytes) != nil })
      } catch { return .failure(error) }
    }
    let areNumbers = try result.get()
    guard fields.count >= 2 else {
      throw ImportError(
        .malformed, "\(place): expected an ID and its numbers, found \(fields.count) fields",
        hint: "Is the delimiter another one? csv has commas, tsv tabs, glove blanks.")
    }
    if delimiter != nil { hasHeader = !areNumbers.dropFirst().contains(true) }
    if let idColumn {
      guard hasHeader else {
        throw ImportError(.malformed, "\(place): the file names no columns, so there is no \(idColumn.quoted)")
      }
      let names = text.withUnsafeBytes { bytes in
        fields.map { String(decoding: unquoted($0, bytes), as: UTF8.self) }
      }
      guard let index = names.firstIndex(of: idColumn), names.lastIndex(of: idColumn) == index else {
        throw ImportError(
          .malformed, "\(place): no column, or several, are called \(idColumn.quoted)",
          hint: "The file has: \(names.prefix(10).joined(separator: ", ")).")
      }
      idIndex = index
    }
    guard fields.count - 1 <= ImportLimits.dimension else {
      throw ImportError(.malformed, "\(place): \(fields.count - 1) numbers, at most \(ImportLimits.dimension)")
    }
    return fields.count - 1
  }

  /// Exactly one ID and `dimension` numbers.
  func cut(
    _ line: UnsafeRawBufferPointer, dimension: Int, into fields: inout [TextField], _ place: @autoclosure () -> String
  ) throws(ImportError) {
    fields = try split(line, place())
    if delimiter == nil, fields.count > dimension + 1 {
      // A word with blanks in it.
      let last = fields.count - dimension - 1
      fields.replaceSubrange(
        0...last, with: [TextField(range: fields[0].range.lowerBound..<fields[last].range.upperBound)])
    }
    guard fields.count == dimension + 1 else {
      throw ImportError(
        .mismatch, "\(place()): \(fields.count - 1) numbers, the lines before have \(dimension)")
    }
  }

  private func split(_ line: UnsafeRawBufferPointer, _ place: @autoclosure () -> String) throws(ImportError)
    -> [TextField]
  {
    var fields: [TextField] = []
    var index = 0
    guard let delimiter else {
      while index < line.count {
        if line[index] == 0x20 || line[index] == 0x09 {
          index += 1
          continue
        }
        let start = index
        while index < line.count, line[index] != 0x20, line[index] != 0x09 { index += 1 }
        fields.append(TextField(range: start..<index))
      }
      return fields
    }
    while true {
      if format == .csv, index < line.count, line[index] == 0x22 {
        let end = try closingQuote(line, index + 1, place())
        fields.append(TextField(range: index + 1..<end, isQuoted: true))
        index = end + 1
        guard index == line.count || line[index] == delimiter else {
          throw ImportError(.malformed, "\(place()):\(index + 1): text after a closing quote")
        }
      } else {
        let start = index
        while index < line.count, line[index] != delimiter { index += 1 }
        fields.append(TextField(range: start..<index))
      }
      if index >= line.count { return fields }
      index += 1
    }
  }

  private func closingQuote(_ line: UnsafeRawBufferPointer, _ start: Int, _ place: @autoclosure () -> String)
    throws(ImportError) -> Int
  {
    var index = start
    while index < line.count {
      if line[index] == 0x22 {
        guard index + 1 < line.count, line[index + 1] == 0x22 else { return index }
        index += 1
      }
      index += 1
    }
    throw ImportError(.malformed, "\(place()):\(start): a quote that is not closed in its line")
  }

  /// The field's bytes, doubled quotes single.
  func unquoted(_ field: TextField, _ line: UnsafeRawBufferPointer) -> [UInt8] {
    let bytes = line[field.range]
    guard field.isQuoted, bytes.contains(0x22) else { return Array(bytes) }
    var text: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      text.append(bytes[index])
      index += bytes[index] == 0x22 ? 2 : 1
    }
    return text
  }
}
