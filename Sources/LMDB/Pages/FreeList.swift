import Glibc

/// The list of free pages of a data file, read as bytes before the file is mapped.
///
/// A transaction that takes pages at the end of the file and gives them back before its commit never writes them: a
/// healthy file may end before its last page. What it lacks is then on the list.
///
/// Its tree has transactions as keys and lists of page numbers as values: count u64 | page number u64 x count.
struct FreeList {
  private let descriptor: Int32
  private let meta: MetaPages.Meta
  private let wanted: Range<UInt64>
  private var found: Set<UInt64> = []
  /// Bounds the walk over damaged pages that point at each other.
  private var pagesLeft = 1 << 20

  /// Whether every page of a range is free. A list that cannot be read has none.
  static func holds(_ wanted: Range<UInt64>, descriptor: Int32, _ meta: MetaPages.Meta) -> Bool {
    var list = FreeList(descriptor: descriptor, meta: meta, wanted: wanted)
    return list.walk(meta.freeList.root, depth: 0) && list.found.count == wanted.count
  }

  /// The page numbers of one value; `nil`: it is no such list.
  static func pages(of value: UnsafeRawBufferPointer) -> [UInt64]? {
    guard value.count >= 8, value.loadUnaligned(as: UInt64.self) <= value.count / 8 - 1 else { return nil }
    return (0..<Int(value.loadUnaligned(as: UInt64.self))).map {
      value.loadUnaligned(fromByteOffset: 8 + 8 * $0, as: UInt64.self)
    }
  }

  private init(descriptor: Int32, meta: MetaPages.Meta, wanted: Range<UInt64>) {
    (self.descriptor, self.meta, self.wanted) = (descriptor, meta, wanted)
  }

  private mutating func walk(_ number: UInt64, depth: Int) -> Bool {
    pagesLeft -= 1
    guard depth < 32, pagesLeft > 0, let bytes = read(number, 0, meta.pageSize) else { return false }
    return bytes.withUnsafeBytes { bytes in
      guard let page = TreePage(bytes, number: number) else { return false }
      for index in 0..<page.count {
        guard let node = page.node(index) else { return false }
        guard page.isLeaf else {
          guard walk(node.child, depth: depth + 1) else { return false }
          continue
        }
        let value =
          node.isElsewhere ? read(node.firstPage, TreePage.headerBytes, node.valueBytes) : Array(node.value)
        guard let value, let pages = value.withUnsafeBytes({ Self.pages(of: $0) }) else { return false }
        for page in pages where wanted.contains(page) { found.insert(page) }
      }
      return true
    }
  }

  /// `nil` for what lies, in part, behind the end of the file.
  private func read(_ page: UInt64, _ offset: Int, _ count: Int) -> [UInt8]? {
    guard page < wanted.lowerBound, page < UInt64(Int.max) / UInt64(meta.pageSize) - 1 else { return nil }
    let start = Int(page) * meta.pageSize + offset
    // Checked before the buffer is made: `count` is whatever the file says.
    guard start + count <= Int(wanted.lowerBound) * meta.pageSize else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    return pread(descriptor, &bytes, count, off_t(start)) == count ? bytes : nil
  }
}
