/// A branch or leaf page of a tree, of which each node is found to stay inside it when it is asked for.
///
/// ```
///   page     number 8 | pad u16 | flags u16 | lower u16 | upper u16 | offsets of nodes u16 ... | free | nodes
///   node     low u16 | high u16 | flags u16 | key size u16 | key | value
///              branch: low, high, flags are the child's number
///              leaf:   low, high are the value's size; the value itself, or its first page's number
/// ```
///
/// Looks at bytes that lie elsewhere, and is valid as long as they are.
struct TreePage {
  static let headerBytes = 16
  static let (branch, leaf, overflow): (UInt16, UInt16, UInt16) = (1, 2, 4)

  let bytes: UnsafeRawBufferPointer
  let isLeaf: Bool
  /// Of nodes, which are in the order of their keys.
  let count: Int
  private let nodesStart: Int

  /// `nil`: the bytes are no such page.
  init?(_ bytes: UnsafeRawBufferPointer, number: UInt64) {
    guard bytes.count > Self.headerBytes else { return nil }
    func number16(_ offset: Int) -> UInt16 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    let flags = number16(10)
    let (lower, upper) = (Int(number16(12)), Int(number16(14)))
    guard bytes.loadUnaligned(as: UInt64.self) == number, flags == Self.branch || flags == Self.leaf,
      lower >= Self.headerBytes, lower % 2 == 0, lower <= upper, upper <= bytes.count
    else { return nil }
    self.bytes = bytes
    (isLeaf, nodesStart) = (flags == Self.leaf, upper)
    count = (lower - Self.headerBytes) / 2
  }

  /// `nil`: the node does not lie in the page.
  @inline(__always)
  func node(_ index: Int) -> Node? {
    let start = start(index)
    guard start >= nodesStart, start + Node.headBytes <= bytes.count else { return nil }
    let node = self[index]
    let used = Node.headBytes + node.keyBytes + (isLeaf ? node.ownBytes : 0)
    return start + used <= bytes.count ? node : nil
  }

  /// One that `node` has found to lie in the page.
  @inline(__always)
  subscript(index: Int) -> Node { Node(start: bytes.baseAddress! + start(index)) }

  @inline(__always)
  private func start(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "node \(index) of \(count)")
    return Int(bytes.loadUnaligned(fromByteOffset: Self.headerBytes + 2 * index, as: UInt16.self))
  }

  /// The first node of a leaf whose key is not below `key`; of a branch the one that leads there. `nil`: a node on the way
  /// does not lie in the page.
  func place(of key: UnsafeRawBufferPointer) -> Int? {
    // The first key of a branch is not used, and may be empty.
    var (low, high) = (isLeaf ? 0 : 1, count)
    while low < high {
      let middle = (low + high) / 2
      guard let node = node(middle) else { return nil }
      let order = TreeWalk.order(node.key, key)
      if order < 0 || (!isLeaf && order == 0) { low = middle + 1 } else { high = middle }
    }
    return isLeaf ? low : low - 1
  }

  struct Node {
    static let elsewhere: UInt16 = 1
    static let record: UInt16 = 2
    fileprivate static let headBytes = 8

    fileprivate let start: UnsafeRawPointer

    @inline(__always)
    private func number16(_ offset: Int) -> UInt16 { start.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }

    var keyBytes: Int { Int(number16(6)) }
    var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start + Self.headBytes, count: keyBytes) }
    /// Of a branch.
    var child: UInt64 { UInt64(number16(0)) | UInt64(number16(2)) << 16 | UInt64(number16(4)) << 32 }

    // Of a leaf.
    var flags: UInt16 { number16(4) }
    var valueBytes: Int { Int(number16(0)) | Int(number16(2)) << 16 }
    var isElsewhere: Bool { flags & Self.elsewhere != 0 }
    /// What the node itself holds; where the value is elsewhere, eight bytes with its first page's number.
    var value: UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: start + Self.headBytes + keyBytes, count: ownBytes)
    }
    var firstPage: UInt64 { value.loadUnaligned(as: UInt64.self) }
    fileprivate var ownBytes: Int { isElsewhere ? 8 : valueBytes }
  }
}
