import Glibc

/// The list of free pages of a data file, read as bytes before the file is mapped.
///
/// A transaction that takes pages at the end of the file and gives them back before its commit never writes them: a
/// healthy file may end before its last page. What it lacks is then on the list.
///
/// ```
///   page     number 8 | pad u16 | flags u16 | lower u16 (overflow: pages u32) | upper u16 | offsets of nodes u16 ...
///   node     low u16 | high u16 | flags u16 | key size u16 | key | branch: nothing, leaf: the value or its first page
///   value    count u64 | page number u64 x count
/// ```
struct FreeList {
  private let descriptor: Int32
  private let meta: MetaPages.Meta
  private let wanted: Range<UInt64>
  private var found: Set<UInt64> = []
  /// Bounds the walk over damaged pages that point at each other.
  private var pagesLeft = 1 << 20

  private static let headerBytes = 16
  private static let nodeBytes = 8
  private static let (branch, leaf, elsewhere): (UInt16, UInt16, UInt16) = (1, 2, 1)

  /// Whether every page of a range is free. A list that cannot be read has none.
  static func holds(_ wanted: Range<UInt64>, descriptor: Int32, _ meta: MetaPages.Meta) -> Bool {
    var list = FreeList(descriptor: descriptor, meta: meta, wanted: wanted)
    return list.walk(meta.freeListRoot, depth: 0) && list.found.count == wanted.count
  }

  private init(descriptor: Int32, meta: MetaPages.Meta, wanted: Range<UInt64>) {
    (self.descriptor, self.meta, self.wanted) = (descriptor, meta, wanted)
  }

  private mutating func walk(_ number: UInt64, depth: Int) -> Bool {
    pagesLeft -= 1
    guard depth < 32, pagesLeft > 0, let page = read(number, 0, meta.pageSize) else { return false }
    return page.withUnsafeBytes { raw in
      func number16(_ offset: Int) -> UInt16 { raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
      let isLeaf = number16(10) & Self.leaf != 0
      guard isLeaf || number16(10) & Self.branch != 0 else { return false }
      let lower = Int(number16(12))
      guard lower >= Self.headerBytes, lower <= raw.count else { return false }
      for offset in stride(from: Self.headerBytes, to: lower, by: 2) {
        let node = Int(number16(offset))
        guard node + Self.nodeBytes <= raw.count else { return false }
        let low = UInt64(number16(node)) | UInt64(number16(node + 2)) << 16
        guard isLeaf else {
          guard walk(low | UInt64(number16(node + 4)) << 32, depth: depth + 1) else { return false }
          continue
        }
        let value = node + Self.nodeBytes + Int(number16(node + 6))
        let bytes: [UInt8]?
        if number16(node + 4) & Self.elsewhere != 0 {
          guard value + 8 <= raw.count else { return false }
          bytes = read(raw.loadUnaligned(fromByteOffset: value, as: UInt64.self), Self.headerBytes, Int(low))
        } else {
          bytes = value + Int(low) <= raw.count ? Array(raw[value..<value + Int(low)]) : nil
        }
        guard let bytes, add(bytes) else { return false }
      }
      return true
    }
  }

  private mutating func add(_ value: [UInt8]) -> Bool {
    value.withUnsafeBytes { raw in
      guard raw.count >= 8, raw.loadUnaligned(as: UInt64.self) <= raw.count / 8 - 1 else { return false }
      for index in 0..<Int(raw.loadUnaligned(as: UInt64.self)) {
        let page = raw.loadUnaligned(fromByteOffset: 8 + 8 * index, as: UInt64.self)
        if wanted.contains(page) { found.insert(page) }
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
