import Glibc

/// The two meta pages at the head of a data file, read as bytes before the file is mapped.
///
/// ```
///   page 0 and page 1, each:  16 bytes page header | magic u32 | version u32 | address 8 | map size 8
///                             | two database records of 48 bytes | last page 8 | transaction 8
/// ```
enum MetaPages {
  private static let magic: UInt32 = 0xBEEF_C0DE
  private static let headerBytes = 16
  private static let lastPageOffset = headerBytes + 24 + 2 * 48

  /// The length that the newer meta page asks of the file; `nil` where neither is readable (liblmdb will refuse it).
  static func bytesNeeded(descriptor: Int32) -> Int? {
    guard let first = read(descriptor, at: 0) else { return nil }
    let newest = [first, read(descriptor, at: first.pageSize)].compactMap(\.self).max {
      $0.transaction < $1.transaction
    }
    return newest.flatMap { meta in
      let (bytes, overflow) = (meta.lastPage &+ 1).multipliedReportingOverflow(by: UInt64(first.pageSize))
      return overflow ? .max : Int(exactly: bytes) ?? .max
    }
  }

  private static func read(_ descriptor: Int32, at offset: Int) -> (
    lastPage: UInt64, transaction: UInt64, pageSize: Int
  )? {
    var bytes = [UInt8](repeating: 0, count: lastPageOffset + 16)
    guard pread(descriptor, &bytes, bytes.count, off_t(offset)) == bytes.count else { return nil }
    return bytes.withUnsafeBytes { raw in
      guard raw.loadUnaligned(fromByteOffset: headerBytes, as: UInt32.self) == magic else { return nil }
      // The page size lies in the record of the free list, the first of the two.
      let pageSize = Int(raw.loadUnaligned(fromByteOffset: headerBytes + 24, as: UInt32.self))
      guard (512...65536).contains(pageSize) else { return nil }
      return (
        raw.loadUnaligned(fromByteOffset: lastPageOffset, as: UInt64.self),
        raw.loadUnaligned(fromByteOffset: lastPageOffset + 8, as: UInt64.self), pageSize
      )
    }
  }
}
