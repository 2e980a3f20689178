import Foundation

/// The binary format of word2vec: a line `rows dimension`, then for each row its word, a blank, and the elements as
/// little-endian f32; some writers end each row with a line feed.
final class Word2VecSource: VectorSource {
  let format = ImportFormat.word2vec
  let type = ElementType.f32
  let dimension: Int
  private let rows: Int
  private let stream: ByteStream
  private let ids: IDParser
  private var done = 0

  init(_ feed: any ByteFeed, _ ids: IDParser) throws(ImportError) {
    stream = ByteStream(feed)
    self.ids = ids
    (rows, dimension) = try Word2VecHeader.read(stream)
  }

  var rowCount: Int? { rows }
  var placeName: String { "row" }
  var feed: (any ByteFeed)? { stream.feed }

  func next(_ batch: VectorBatch) throws(ImportError) {
    batch.clear()
    while batch.count < batch.capacity, done < rows {
      try skipFeed()
      batch.append(try word())
      let (row, done) = (batch.row(batch.count), done)
      try stream.take(
        into: UnsafeMutableRawBufferPointer(start: row, count: batch.stride), of: "the vector of row \(done)")
      batch.places.append(done)
      batch.count += 1
      self.done += 1
    }
    guard batch.count == 0 else { return }
    try skipFeed()
    guard try stream.isAtEnd() else {
      throw stream.malformed("bytes after the \(rows) rows of \(dimension) that the first line promises")
    }
  }

  private func skipFeed() throws(ImportError) {
    if try stream.peek(1).first == 0x0A { stream.skip(1) }
  }

  private func word() throws(ImportError) -> ImportedID {
    let window = try stream.peek(ImportLimits.stringBytes + 1).prefix(ImportLimits.stringBytes + 1)
    guard let blank = window.firstIndex(of: 0x20) else {
      if window.isEmpty {
        throw stream.malformed("the file ends after \(done) of \(rows) rows: it is truncated", hint: "Get it again.")
      }
      throw stream.malformed(
        "no word of at most \(ImportLimits.stringBytes) bytes and a blank at row \(done)",
        hint: "Is it word2vec's binary format, and little-endian f32?")
    }
    let id = try ids.id(UnsafeRawBufferPointer(rebasing: window[..<blank]), "\(stream.name): row \(done)")
    stream.skip(blank + 1)
    return id
  }
}

/// The first line of both formats of word2vec.
enum Word2VecHeader {
  static func read(_ stream: ByteStream) throws(ImportError) -> (rows: Int, dimension: Int) {
    guard let line = try headerLine(stream), let numbers = numbers(line) else {
      throw ImportError(
        .malformed, "\(stream.name):1: expected a line 'rows dimension', as word2vec begins",
        hint: "Is it another format? --format \(ImportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return numbers
  }

  /// Both numbers of the line; `nil` where it is no such line.
  static func numbers(_ line: UnsafeRawBufferPointer) -> (rows: Int, dimension: Int)? {
    let parts = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
    guard parts.count == 2, parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }),
      let rows = Int(String(decoding: parts[0], as: UTF8.self)),
      let dimension = Int(String(decoding: parts[1], as: UTF8.self)), rows > 0,
      (1...ImportLimits.dimension).contains(dimension)
    else { return nil }
    return (rows, dimension)
  }

  /// A line of 64 bytes at most: what follows is no text.
  private static func headerLine(_ stream: ByteStream) throws(ImportError) -> UnsafeRawBufferPointer? {
    try stream.peek(64).prefix(64).contains(UInt8(0x0A)) ? try stream.line() : nil
  }
}
