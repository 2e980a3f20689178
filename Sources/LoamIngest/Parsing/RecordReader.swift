import LoamKernels
import LoamSchema

/// The records of one input, one at a time.
///
/// ```
///   ByteSource ─▶ RecordWindow ─▶ extent ─▶ content hash ─▶ RecordSyntax.cut ─▶ Record
/// ```
final class RecordReader {
  let input: Input
  /// What the records mean, per asked column: where its field lies in `record.fields`; -1: not in this file.
  private(set) var places: [Int] = []
  /// The columns of a file with a header or of the declared order; empty for formats without columns.
  private(set) var header: [String] = []
  private(set) var record: Record
  /// Records read, malformed ones included.
  private(set) var recordsRead: UInt64 = 0
  /// Hash of all records so far, whatever the chunks they came in.
  private(set) var contentHash: UInt64 = 0
  /// Recognises the file: a hash of its first bytes, and its size.
  let identity: String

  private(set) var syntax: any RecordSyntax
  private let window: RecordWindow
  private var line = 1

  /// Opens the input and reads its header. `columns` are asked for; those also in `optional` may be missing.
  ///
  /// - Parameter isGrowing: the records are those lines that are whole; `next` gives none where it would have to wait.
  init(
    _ input: Input, format: RecordFormat, columns: [String], optional: Set<String> = [], isGrowing: Bool = false
  ) throws(IngestError) {
    self.input = input
    window = RecordWindow(try ByteSource(input), isGrowing: isGrowing)
    repeat { try window.more() } while window.unread.count < IngestLimits.fingerprintBytes && !window.isStalled
    let head = window.unread.prefix(IngestLimits.fingerprintBytes)
    let hash = loam_hash_bytes(window.unread.baseAddress, head.count)
    identity = "\(hexadecimal(hash))-\(window.source.rawBytesTotal.map(String.init) ?? "stream")"
    if window.unread.starts(with: [0xef, 0xbb, 0xbf]) { window.take(3) }
    record = Record(base: window.unread.baseAddress!)
    switch format.kind {
    case .csv, .tsv:
      syntax = DelimitedSyntax(
        delimiter: format.delimiter.utf8.first ?? UInt8(ascii: ","), quotes: format.kind == .csv, trim: format.trim)
      try readHeader(format)
      try bind(columns, optional)
    case .jsonl:
      syntax = JSONLinesSyntax(columns)
      try checkFirstKeys(columns)
      places = Array(columns.indices)
    case .libsvm, .libffm:
      syntax = try SVMSyntax(columns, hasFields: format.kind == .libffm, file: input.name)
      places = Array(columns.indices)
    }
  }

  var bytesRead: Int { window.source.rawBytesRead }
  var bytesTotal: Int? { window.source.rawBytesTotal }

  /// Cuts the next record into `record`; false at the end. A malformed record is thrown as `.row` and passed over.
  func next() throws(RecordError) -> Bool {
    do throws(IngestError) {
      guard try advance() else { return false }
    } catch { throw .input(error) }
    do throws(RowFault) {
      try syntax.cut(&record)
    } catch { throw .row(error) }
    return true
  }

  /// Passes over records without cutting them; fewer only where the input ends.
  func skip(_ count: UInt64) throws(IngestError) {
    for _ in 0..<count { guard try advance() else { return } }
  }

  /// Copies the next records into the chunk; fewer than `recordsMax` where they pass `bytesMax` or the input ends.
  func cut(into chunk: RecordChunk, recordsMax: Int, bytesMax: Int) throws(IngestError) {
    defer { chunk.seal() }
    while chunk.records.count < recordsMax, chunk.byteCount < bytesMax, try advance() { chunk.append(record) }
  }

  /// Not a byte is left. Ends the life of the record at hand.
  func isExhausted() throws(IngestError) -> Bool {
    if window.unread.isEmpty && !window.isAtEnd { try window.more() }
    return window.unread.isEmpty && window.isAtEnd
  }

  func row(of fault: RowFault) -> BadRow { fault.row(in: record, of: input.name) }

  private func advance() throws(IngestError) -> Bool {
    guard try advanceOne() else { return false }
    contentHash = loam_mix64(contentHash ^ loam_hash_bytes(record.base, record.count))
    recordsRead += 1
    return true
  }

  /// The extent of the next record that is not blank.
  private func advanceOne() throws(IngestError) -> Bool {
    while true {
      let unread = UnsafeBufferPointer(window.unread)
      if unread.isEmpty && window.isAtEnd { return false }
      guard !unread.isEmpty, let count = syntax.extent(of: unread, atEnd: window.isAtEnd) else {
        try checkLength(unread.count)
        try window.more()
        if window.isStalled && !window.isAtEnd { return false }
        continue
      }
      try checkLength(count)
      let bytes = UnsafeBufferPointer(start: unread.baseAddress, count: count)
      record.base = window.unread.baseAddress!
      record.count = count
      record.line = line
      let feeds = lineFeeds(in: bytes)
      record.hasInnerLines = feeds > (bytes[count - 1] == UInt8(ascii: "\n") ? 1 : 0)
      line += feeds
      window.take(count)
      if !syntax.isBlank(bytes) { return true }
    }
  }

  private func lineFeeds(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var (feeds, index) = (0, 0)
    while let feed = bytes.index(of: UInt8(ascii: "\n"), from: index) { (feeds, index) = (feeds + 1, feed + 1) }
    return feeds
  }

  private func checkLength(_ count: Int) throws(IngestError) {
    if count <= IngestLimits.recordBytes { return }
    throw IngestError(
      .recordTooLong,
      "\(input.name):\(line):1: a record of more than \(IngestLimits.recordBytes >> 20) MiB",
      hint: "Look for a quote in this line that is never closed, or for the wrong format.")
  }

  private func readHeader(_ format: RecordFormat) throws(IngestError) {
    if format.header {
      guard try advanceOne() else {
        throw IngestError(
          .missingHeader, "\(input.name):1:1: the file is empty, expected a header",
          hint: "Declare `header: false` and the columns, if the file has none.")
      }
      do {
        try syntax.cut(&record)
      } catch { throw IngestError(.missingHeader, row(of: error).description, hint: error.hint) }
      header = record.fields.map { $0.text.trimmed.string }
    } else {
      header = format.columns
    }
    guard header.count <= IngestLimits.columns else {
      throw IngestError(.missingHeader, "\(input.name):1:1: \(header.count) columns, at most \(IngestLimits.columns)")
    }
    if let delimited = syntax as? DelimitedSyntax { syntax = delimited.expecting(columns: header.count) }
  }

  /// A column that the first record lacks, beside a key that almost is it, is a slip in the schema: without a header
  /// nothing else would tell.
  private func checkFirstKeys(_ columns: [String]) throws(IngestError) {
    let bytes = UnsafeBufferPointer(window.unread)
    guard let count = bytes.lineLength(atEnd: window.isAtEnd) else { return }
    var copy = Array(bytes.prefix(count))
    let keys = copy.withUnsafeMutableBufferPointer { line in
      guard let base = line.baseAddress else { return [String]() }
      var record = Record(base: base)
      record.count = line.count
      return (try? JSONScanner.members(of: record))?.map(\.key) ?? []
    }
    for column in columns where !keys.contains(column) {
      let strangers = keys.filter { !columns.contains($0) }
      if let near = nearestName(to: column, among: strangers) {
        throw IngestError(
          .unknownColumn, "\(input.name):1:1: the schema's column \"\(column)\" is no key of the first record",
          hint: "Did you mean \"\(near)\"? The record has: \(keys.prefix(50).joined(separator: ", ")).")
      }
    }
  }

  private func bind(_ columns: [String], _ optional: Set<String>) throws(IngestError) {
    if columns.isEmpty { return }
    let line = max(1, record.line)
    for column in columns {
      guard let place = header.firstIndex(of: column) else {
        if optional.contains(column) {
          places.append(-1)
          continue
        }
        let near =
          otherDelimiter(columns) ?? nearestName(to: column, among: header).map { "Did you mean \"\($0)\"? " }
          ?? (header.contains(where: columns.contains) ? "" : "Declare `columns`, if the file has no header. ")
        throw IngestError(
          .unknownColumn, "\(input.name):\(line):1: the schema's column \"\(column)\" is not among the file's columns",
          hint: near + "The file has: \(header.prefix(50).joined(separator: ", ")).")
      }
      if let second = header.lastIndex(of: column), second != place {
        throw IngestError(
          .duplicateColumn,
          "\(input.name):\(line):1: columns \(place + 1) and \(second + 1) are both called \"\(column)\"",
          hint: "Give every column the schema names a name of its own.")
      }
      places.append(place)
    }
  }
}

extension RecordReader {
  /// The header is one column only because another character separates them.
  private func otherDelimiter(_ columns: [String]) -> String? {
    guard header.count == 1 else { return nil }
    for (delimiter, name) in [(";", "\";\""), ("\t", "\"\\t\""), (",", "\",\""), ("|", "\"|\"")]
    where header[0].split(separator: delimiter).contains(where: { columns.contains(String($0)) }) {
      return "Its delimiter seems to be \(name): declare `format: {kind: csv, delimiter: \(name)}`. "
    }
    return nil
  }
}

/// Why `RecordReader.next` gave no record: this record is malformed, or the input cannot be read on.
enum RecordError: Error {
  case row(RowFault)
  case input(IngestError)
}

/// 16 digits.
func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
