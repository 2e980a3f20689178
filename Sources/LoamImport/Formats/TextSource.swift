import Foundation
import LoamIngest

/// Vectors as lines of text: the ID, then its numbers.
///
/// ```
///   word2vec-text   first line: rows dimension; then word and numbers between blanks
///   glove           the same without the first line; a word may hold blanks, as the last numbers are the vector
///   csv, tsv        a column of IDs and columns of numbers; a first line of names is seen and passed over
/// ```
final class TextSource: VectorSource {
  let format: ImportFormat
  let type = ElementType.f32
  let dimension: Int
  let rowCount: Int?
  private let stream: ByteStream
  private let ids: IDParser
  private let syntax: TextSyntax
  private var fields: [TextField] = []
  private var line = 0
  private var done = 0

  init(_ format: ImportFormat, _ feed: any ByteFeed, _ ids: IDParser, idColumn: String?) throws(ImportError) {
    (self.format, self.ids) = (format, ids)
    stream = ByteStream(feed)
    var syntax = TextSyntax(format)
    if format == .word2vecText {
      let header = try Word2VecHeader.read(stream)
      (rowCount, dimension, line) = (header.rows, header.dimension, 1)
    } else {
      rowCount = nil
      let head = try Self.firstLine(stream)
      dimension = try syntax.shape(head, stream.name, idColumn: idColumn)
      if syntax.hasHeader {
        _ = try stream.line()
        line = 1
      }
    }
    self.syntax = syntax
  }

  /// A look at the first line, which stays to be read.
  private static func firstLine(_ stream: ByteStream) throws(ImportError) -> [UInt8] {
    if try stream.peek(3).starts(with: [0xEF, 0xBB, 0xBF]) { stream.skip(3) }
    var count = 4_096
    while true {
      let window = try stream.peek(count)
      if let feed = window.firstIndex(of: 0x0A) { return Array(window[..<feed]) }
      if window.count < count { return Array(window) }
      guard count <= ImportLimits.lineBytes else {
        throw stream.malformed("a line of more than \(ImportLimits.lineBytes >> 20) MiB", hint: "Is it text?")
      }
      count *= 2
    }
  }

  var placeName: String { "line" }
  var feed: (any ByteFeed)? { stream.feed }

  func next(_ batch: VectorBatch) throws(ImportError) {
    batch.clear()
    while batch.count < batch.capacity {
      guard let text = try stream.line() else { return try end() }
      line += 1
      if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      if let rowCount, done == rowCount {
        throw ImportError(.malformed, "\(stream.name):\(line): more than the \(rowCount) rows that line 1 promises")
      }
      try read(text, into: batch)
      batch.places.append(line)
      batch.count += 1
      done += 1
    }
  }

  private func end() throws(ImportError) {
    if let rowCount, done < rowCount {
      throw ImportError(
        .malformed, "\(stream.name):\(line): ends after \(done) of \(rowCount) rows: it is truncated",
        hint: "Get the file again.")
    }
  }

  private func read(_ text: UnsafeRawBufferPointer, into batch: VectorBatch) throws(ImportError) {
    try syntax.cut(text, dimension: dimension, into: &fields, "\(stream.name):\(line)")
    let row = batch.row(batch.count).assumingMemoryBound(to: Float.self)
    var element = 0
    for (index, field) in fields.enumerated() {
      if index == syntax.idIndex {
        let id = syntax.unquoted(field, text)
        let place = "\(stream.name):\(line)"
        let ids = ids
        let parsed = try id.withUnsafeBytes { bytes -> Result<ImportedID, ImportError> in
          do throws(ImportError) { return .success(try ids.id(bytes, place)) } catch { return .failure(error) }
        }.get()
        batch.append(parsed)
        continue
      }
      guard let value = Self.number(field, text) else {
        let shown = String(decoding: text[field.range].prefix(80), as: UTF8.self).quoted
        throw ImportError(
          .malformed, "\(stream.name):\(line):\(field.range.lowerBound + 1): expected a number, found \(shown)")
      }
      row[element] = value
      element += 1
    }
  }

  /// NaN and infinities are numbers here: what becomes of them is the import's to say.
  static func number(_ field: TextField, _ text: UnsafeRawBufferPointer) -> Float? {
    let bytes = UnsafeRawBufferPointer(rebasing: text[field.range])
    guard let start = bytes.baseAddress else { return nil }
    if let value = parseReal(
      Record.Text(start: start.assumingMemoryBound(to: UInt8.self), count: bytes.count))
    {
      return Float(value)
    }
    switch String(decoding: bytes.prefix(16), as: UTF8.self).lowercased() {
    case "nan", "+nan", "-nan": return .nan
    case "inf", "+inf", "infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return nil
    }
  }
}
