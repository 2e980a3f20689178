import Glibc

/// Where the pages of a data file are read: through a map that an open transaction keeps as it is, or into a buffer.
///
/// A page in a buffer is valid until the next one of its level is asked for.
final class PageSource {
  let descriptor: Int32
  let pageSize: Int
  /// Where the map begins; `nil`: pages are read into buffers.
  var map: UnsafeRawPointer?
  private let pagesInFile: UInt64
  private var buffers: [UnsafeMutableRawPointer?]

  init(descriptor: Int32, pageSize: Int) {
    (self.descriptor, self.pageSize) = (descriptor, pageSize)
    var status = stat()
    // What lies behind the end of a file is in its map all the same, and touching it is a SIGBUS.
    pagesInFile = fstat(descriptor, &status) == 0 ? UInt64(Int(status.st_size) / pageSize) : 0
    buffers = Array(repeating: nil, count: PageWalk.depthMax + 1)
  }

  deinit { for buffer in buffers { buffer?.deallocate() } }

  /// `nil`: no such page of a tree, or behind the end of the file.
  func page(_ number: UInt64, level: Int) -> TreePage? {
    guard number < pagesInFile else { return nil }
    let place = Int(number) * pageSize
    if let map { return TreePage(UnsafeRawBufferPointer(start: map + place, count: pageSize), number: number) }
    let buffer = buffers[level] ?? .allocate(byteCount: pageSize, alignment: 16)
    buffers[level] = buffer
    guard pread(descriptor, buffer, pageSize, off_t(place)) == pageSize else { return nil }
    return TreePage(UnsafeRawBufferPointer(start: buffer, count: pageSize), number: number)
  }

  /// A value on pages of its own, in the map; `nil` where it lies, in part, behind the end of the file.
  @inline(__always)
  func value(_ first: UInt64, _ count: Int) -> UnsafeRawBufferPointer? {
    guard let map, first < pagesInFile else { return nil }
    let start = Int(first) * pageSize + TreePage.headerBytes
    guard start + count <= Int(pagesInFile) * pageSize else { return nil }
    return UnsafeRawBufferPointer(start: map + start, count: count)
  }

  /// Bytes of a page and those behind it; `nil` for what lies, in part, behind the end of the file.
  func bytes(_ page: UInt64, _ offset: Int, _ count: Int) -> [UInt8]? {
    guard page < pagesInFile, Int(page) * pageSize + offset + count <= Int(pagesInFile) * pageSize else { return nil }
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(Int(page) * pageSize + offset)))
    }
    return bytes.count == count ? bytes : nil
  }
}
