/// The decoded bytes that are being cut: whole records and the beginning of the next one.
///
/// ```
///   memory  [ cut already | unread ................ | room ]
///                         start                     end
/// ```
final class RecordWindow {
  let source: ByteSource
  private var memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private(set) var isAtEnd = false
  /// The last read brought nothing, though a source that grows may bring more later.
  private(set) var isStalled = false
  private let isGrowing: Bool

  /// - Parameter isGrowing: the source has no end; what is behind its last line end is not a record yet.
  init(_ source: ByteSource, isGrowing: Bool) {
    self.source = source
    self.isGrowing = isGrowing
    memory = .allocate(byteCount: 2 * IngestLimits.chunkBytes, alignment: 64)
  }

  deinit { memory.deallocate() }

  var unread: UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(
      start: memory.baseAddress!.assumingMemoryBound(to: UInt8.self) + start, count: end - start)
  }

  func take(_ count: Int) {
    precondition(count <= end - start)
    start += count
  }

  /// Reads on. Moves the unread bytes, and makes room for as many again where they fill the memory.
  func more() throws(IngestError) {
    if start > 0 {
      memory.baseAddress!.copyMemory(from: memory.baseAddress! + start, byteCount: end - start)
      (start, end) = (0, end - start)
    }
    if memory.count - end < IngestLimits.chunkBytes {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * memory.count, alignment: 64)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<end]))
      memory.deallocate()
      memory = larger
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: memory[end..<end + IngestLimits.chunkBytes])
    let got = try source.read(into: room)
    end += got
    isStalled = got == 0
    isAtEnd = isStalled && !isGrowing
  }
}
