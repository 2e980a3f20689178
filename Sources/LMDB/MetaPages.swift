import Glibc

/// The two meta pages at the head of a data file, read as bytes before the file is mapped.
///
/// ```
///   page 0 and page 1, each:  16 bytes page header | magic u32 | version u32 | address 8 | map size 8
///                             | two database records of 48 bytes | last page 8 | transaction 8
///   database record:          page size u32 (of the first, the free list) | flags u16 | depth u16 | ... | root page 8
/// ```
enum MetaPages {
  struct Meta {
    var pageSize: Int
    /// Root of the free list's tree; all ones where it is empty.
    var freeListRoot: UInt64
    var lastPage: UInt64
    var transaction: UInt64

    /// The length that the meta page asks of the file, except for free pages at its end.
    var bytesNeeded: Int { (Int(lastPage) + 1) * pageSize }
  }

  private static let magic: UInt32 = 0xBEEF_C0DE
  private static let headerBytes = 16
  private static let freeListOffset = headerBytes + 24
  private static let lastPageOffset = freeListOffset + 2 * 48

  /// The newer of the two; `nil` where neither is readable (liblmdb will refuse the file).
  static func newest(descriptor: Int32) -> Meta? {
    guard let first = read(descriptor, at: 0) else { return nil }
    return [first, read(descriptor, at: first.pageSize)].compactMap(\.self).max { $0.transaction < $1.transaction }
  }

  private static func read(_ descriptor: Int32, at offset: Int) -> Meta? {
    var bytes = [UInt8](repeating: 0, count: lastPageOffset + 16)
    guard pread(descriptor, &bytes, bytes.count, off_t(offset)) == bytes.count else { return nil }
    return bytes.withUnsafeBytes { raw in
      guard raw.loadUnaligned(fromByteOffset: headerBytes, as: UInt32.self) == magic else { return nil }
      let pageSize = Int(raw.loadUnaligned(fromByteOffset: freeListOffset, as: UInt32.self))
      let lastPage = raw.loadUnaligned(fromByteOffset: lastPageOffset, as: UInt64.self)
      // With these bounds no product of the two overflows.
      guard (512...65536).contains(pageSize), lastPage < 1 << 46 else { return nil }
      return Meta(
        pageSize: pageSize,
        freeListRoot: raw.loadUnaligned(fromByteOffset: freeListOffset + 40, as: UInt64.self),
        lastPage: lastPage,
        transaction: raw.loadUnaligned(fromByteOffset: lastPageOffset + 8, as: UInt64.self))
    }
  }
}
