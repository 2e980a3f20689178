import Foundation
import LoamSchema

@testable import LoamImport

enum Vectors {
  /// Bytes in memory, a few at a time.
  final class MemoryFeed: ByteFeed {
    let name = "fuzz"
    private var rest: ArraySlice<UInt8>
    let fileBytesTotal: Int
    private let step: Int

    init(_ bytes: some Sequence<UInt8>, step: Int) {
      rest = Array(bytes)[...]
      fileBytesTotal = rest.count
      self.step = step
    }

    var fileBytesRead: Int { fileBytesTotal - rest.count }

    func read(into output: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int {
      let piece = rest.prefix(min(step, output.count))
      output.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      return piece.count
    }
  }

  /// InputFile reads files alone; this one lies in memory.
  private static let archive = "/dev/shm/loam-fuzz-\(ProcessInfo.processInfo.processIdentifier).npz"

  /// The first byte chooses the format, the second how many bytes come at a time.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return }
    do { try read(bytes[0], step: Int(bytes[1] % 64) + 1, bytes[2...]) } catch {
      precondition(error is ImportError, "\(error)")
    }
  }

  private static func read(_ choice: UInt8, step: Int, _ bytes: Slice<UnsafeRawBufferPointer>) throws {
    let numbers = IDParser(space: "user", kind: .integer)
    let words = IDParser(space: "word", kind: .string, missing: Array("<m>".utf8))
    let feed = MemoryFeed(bytes, step: step)
    let source: any VectorSource
    switch choice % 8 {
    case 0: source = try ArraySource(.npy, NPYArray(feed), RowNumberIDs(numbers, file: "fuzz"))
    case 1: return try readNumbers(NPYArray(feed), numbers)
    case 2: source = try Word2VecSource(feed, words)
    case 3: source = try TextSource(.word2vecText, feed, words, idColumn: nil)
    case 4: source = try TextSource(.glove, feed, words, idColumn: nil)
    case 5: source = try TextSource(.csv, feed, words, idColumn: nil)
    case 6: source = try TextSource(.tsv, feed, numbers, idColumn: "id")
    default: return try readArchive(bytes)
    }
    let batch = VectorBatch(stride: source.dimension * source.type.size)
    let encoder = RowEncoder(from: source.type, to: step % 2 == 0 ? .f32 : .i8, width: source.dimension)
    let room = UnsafeMutableRawPointer.allocate(byteCount: encoder.stride, alignment: 8)
    defer { room.deallocate() }
    while true {
      try source.next(batch)
      if batch.count == 0 { return }
      precondition(batch.ids.count == batch.count && batch.places.count == batch.count)
      for row in 0..<batch.count {
        _ = encoder.encode(batch.row(row), scale: batch.scale(row), into: room)
        _ = batch.text(row)
      }
    }
  }

  private static func readNumbers(_ array: NPYArray, _ parser: IDParser) throws {
    let ids = try NumberIDs(parser, array, rows: nil)
    let batch = VectorBatch(stride: 4)
    for row in 0..<min(array.header.shape[0], 1_000) { try ids.append(1, from: row, to: batch) }
    try ids.end(rows: array.header.shape[0])
  }

  private static func readArchive(_ bytes: Slice<UnsafeRawBufferPointer>) throws {
    try Data(bytes).write(to: URL(filePath: archive))
    let archive = try ZipArchive(Self.archive)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
    defer { room.deallocate() }
    for entry in archive.entries {
      let feed = try ZipEntryFeed(archive, entry)
      var total = 0
      while case let count = try feed.read(into: room), count > 0 { total += count }
      precondition(total == entry.bytes)
    }
  }
}
