import Glibc

/// The two meta pages at the head of a data file, read as bytes before the file is mapped.
///
/// ```
///   page 0 and page 1, each:  16 bytes page header | magic u32 | version u32 | address 8 | map size 8
///                             | free list's record 48 | main record 48 | last page 8 | transaction 8
/// ```
///
/// A commit writes the page that its transaction's last bit says, so the two are one transaction apart.
enum MetaPages {
  struct Meta {
    var pageSize: Int
    var mapSize: UInt64
    var freeList: TreeRecord
    var main: TreeRecord
    var lastPage: UInt64
    var transaction: UInt64

    /// Whether liblmdb could have written this.
    var isPossible: Bool {
      guard mapSize < 1 << 48, lastPage > 0, lastPage < mapSize / UInt64(pageSize) else { return false }
      return freeList.flags == TreeRecord.integerKey && main.flags == 0
    }

    /// The length that the meta page asks of the file, except for free pages at its end.
    var bytesNeeded: Int { (Int(lastPage) + 1) * pageSize }
  }

  private static let magic: UInt32 = 0xBEEF_C0DE
  private static let headerBytes = 16
  private static let metaFlag: UInt16 = 8
  private static let mapSizeOffset = headerBytes + 16
  private static let freeListOffset = headerBytes + 24
  private static let mainOffset = freeListOffset + TreeRecord.bytes
  private static let lastPageOffset = mainOffset + TreeRecord.bytes

  /// The newer of the two; `nil` where neither is readable (liblmdb will refuse the file).
  static func newest(descriptor: Int32) -> Meta? {
    both(descriptor: descriptor).compactMap(\.self).max { $0.transaction < $1.transaction }
  }

  /// The meta page that a transaction began from; `nil` where a writer has gone on so far that it is overwritten.
  static func of(transaction: UInt64, descriptor: Int32) -> Meta? {
    both(descriptor: descriptor).compactMap(\.self).first { $0.transaction == transaction }
  }

  /// Whether the file does not begin as LMDB's do.
  static func isForeign(descriptor: Int32) -> Bool {
    var found: UInt32 = 0
    return pread(descriptor, &found, 4, off_t(headerBytes)) != 4 || found != magic
  }

  /// Whether both pages are what liblmdb wrote.
  ///
  /// Of damaged ones it would take the wrong one, or a page size that is none, and not say so.
  static func areSound(descriptor: Int32) -> Bool {
    let found = both(descriptor: descriptor)
    guard let first = found[0], let second = found[1], first.pageSize == second.pageSize else { return false }
    let (low, high) = (min(first.transaction, second.transaction), max(first.transaction, second.transaction))
    guard high - low <= 1, low == high ? low == 0 : second.transaction & 1 == 1 else { return false }
    return [first, second].allSatisfy(\.isPossible)
  }

  private static func both(descriptor: Int32) -> [Meta?] {
    guard let first = read(descriptor, at: 0) else { return [nil, nil] }
    return [first, read(descriptor, at: first.pageSize)]
  }

  private static func read(_ descriptor: Int32, at offset: Int) -> Meta? {
    var bytes = [UInt8](repeating: 0, count: lastPageOffset + 16)
    guard pread(descriptor, &bytes, bytes.count, off_t(offset)) == bytes.count else { return nil }
    return bytes.withUnsafeBytes { raw in
      let flags = raw.loadUnaligned(fromByteOffset: 10, as: UInt16.self)
      guard raw.loadUnaligned(fromByteOffset: headerBytes, as: UInt32.self) == magic, flags & metaFlag != 0 else {
        return nil
      }
      let freeList = TreeRecord(raw, at: freeListOffset)
      let lastPage = raw.loadUnaligned(fromByteOffset: lastPageOffset, as: UInt64.self)
      // The free list's record has the page size where others have nothing.
      let pageSize = Int(freeList.pad)
      // With these bounds no product of the two overflows.
      guard (512...65536).contains(pageSize), pageSize & (pageSize - 1) == 0, lastPage < 1 << 46 else { return nil }
      return Meta(
        pageSize: pageSize, mapSize: raw.loadUnaligned(fromByteOffset: mapSizeOffset, as: UInt64.self),
        freeList: freeList, main: TreeRecord(raw, at: mainOffset), lastPage: lastPage,
        transaction: raw.loadUnaligned(fromByteOffset: lastPageOffset + 8, as: UInt64.self))
    }
  }
}
