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

  /// Whether a page's nodes lie in it, and their keys ascend and lie in `from ..< to`. A branch's first key is not used,
  /// and may be empty.
  func isInOrder(_ page: TreePage, from: UnsafeRawBufferPointer?, to: UnsafeRawBufferPointer?) -> Bool {
    var last: UnsafeRawBufferPointer?
    for index in 0..<page.count {
      guard let key = page.node(index)?.key else { return false }
      if index == 0, !page.isLeaf { continue }
      guard isFreeList ? key.count == 8 : key.count >= 1 && key.count <= PageWalk.keyBytesMax else { return false }
      if let last {
        guard isBefore(last, key) else { return false }
      } else if let from, isBefore(key, from) {
        return false
      }
      last = key
    }
    guard let last, let to else { return true }
    return isBefore(last, to)
  }

  private func isBefore(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
    if isFreeList { return one.loadUnaligned(as: UInt64.self) < other.loadUnaligned(as: UInt64.self) }
    return Self.order(one, other) < 0
  }

  /// Below 0: `one` comes first. liblmdb's order of keys.
  @inline(__always)
  static func order(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Int {
    let order = memcmp(one.baseAddress!, other.baseAddress!, min(one.count, other.count))
    return order == 0 ? one.count - other.count : Int(order)
  }
}
