import Glibc

/// What a walk has seen of one tree, beside what the tree's record says.
struct TreeWalk {
  let name: String
  let record: TreeRecord
  var isFreeList = false
  /// Databases are entries of the main tree.
  var mayHoldTrees = false
  var skipsLeaves = false

  var branchPages: UInt64 = 0
  var leafPages: UInt64 = 0
  var entries: UInt64 = 0
  var trees: [(name: String, record: TreeRecord)] = []

  /// Whether a page's keys ascend and lie in `from ..< to`. A branch's first key is not used, and may be empty.
  func isInOrder(_ page: TreePage, from: [UInt8]?, to: [UInt8]?) -> Bool {
    page.bytes.withUnsafeBytes { raw in
      var (first, last): (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?) = (nil, nil)
      for place in page.nodes.indices.dropFirst(page.isLeaf ? 0 : 1) {
        let key = UnsafeRawBufferPointer(rebasing: raw[page.nodes[place].key])
        guard isFreeList ? key.count == 8 : key.count >= 1 && key.count <= PageWalk.keyBytesMax else { return false }
        if let last, !isBefore(last, key) { return false }
        if first == nil { first = key }
        last = key
      }
      guard let first, let last else { return true }
      let isAbove = from.map { bound in bound.withUnsafeBytes { !isBefore(first, $0) } } ?? true
      return isAbove && to.map { bound in bound.withUnsafeBytes { isBefore(last, $0) } } ?? true
    }
  }

  private func isBefore(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
    if isFreeList { return one.loadUnaligned(as: UInt64.self) < other.loadUnaligned(as: UInt64.self) }
    let order = memcmp(one.baseAddress!, other.baseAddress!, min(one.count, other.count))
    return order == 0 ? one.count < other.count : order < 0
  }
}
