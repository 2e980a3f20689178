import Foundation

/// A window on decoded bytes: takes of a known length, and lines.
final class ByteStream {
  let feed: any ByteFeed
  /// Of the first byte not yet taken, in the decoded bytes.
  private(set) var offset = 0
  private var memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var isDrained = false

  init(_ feed: any ByteFeed) {
    self.feed = feed
    memory = .allocate(byteCount: ImportLimits.chunkBytes, alignment: 64)
  }

  deinit { memory.deallocate() }

  var name: String { feed.name }

  func malformed(_ what: String, hint: String? = nil) -> ImportError {
    ImportError(.malformed, "\(name): byte \(offset): \(what)", hint: hint)
  }

  /// At least `count` bytes, fewer only where the data ends. Valid until the next call.
  func peek(_ count: Int) throws(ImportError) -> UnsafeRawBufferPointer {
    while end - start < count, !isDrained {
      if end == memory.count { makeRoom() }
      let got = try feed.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
      if got == 0 { isDrained = true }
      end += got
    }
    return UnsafeRawBufferPointer(rebasing: memory[start..<end])
  }

  func skip(_ count: Int) {
    precondition(count <= end - start)
    start += count
    offset += count
  }

  func isAtEnd() throws(ImportError) -> Bool { try peek(1).isEmpty }

  /// Fills `output`, or throws.
  func take(into output: UnsafeMutableRawBufferPointer, of what: @autoclosure () -> String) throws(ImportError) {
    var done = 0
    while done < output.count {
      let piece = try peek(1).prefix(output.count - done)
      guard !piece.isEmpty else {
        throw malformed("the file ends within \(what()): it is truncated", hint: "Get the file again.")
      }
      UnsafeMutableRawBufferPointer(rebasing: output[done...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: piece))
      done += piece.count
      skip(piece.count)
    }
  }

  /// The next line without its end (LF, or CR LF); `nil` at the end of the data. Valid until the next call.
  func line() throws(ImportError) -> UnsafeRawBufferPointer? {
    var seen = 0
    while true {
      let window = try peek(seen + 1)
      if window.count > seen, let found = memchr(window.baseAddress! + seen, 0x0A, window.count - seen) {
        let count = window.baseAddress!.distance(to: UnsafeRawPointer(found))
        skip(count + 1)
        return Self.withoutReturn(window.prefix(count))
      }
      if window.count == seen {
        if seen == 0 { return nil }
        skip(seen)
        return Self.withoutReturn(window[...])
      }
      seen = window.count
      if seen > ImportLimits.lineBytes {
        throw malformed("a line of more than \(ImportLimits.lineBytes >> 20) MiB", hint: "Is it the right format?")
      }
    }
  }

  private static func withoutReturn(_ line: Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: line.last == 0x0D ? line.dropLast() : line)
  }

  private func makeRoom() {
    if start > 0 {
      memory.baseAddress!.copyMemory(from: memory.baseAddress! + start, byteCount: end - start)
    } else {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.count * 2, alignment: 64)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<end]))
      memory.deallocate()
      memory = larger
    }
    (start, end) = (0, end - start)
  }
}
