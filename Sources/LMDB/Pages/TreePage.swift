/// A branch or leaf page of a tree, every offset in it found to stay inside it.
///
/// ```
///   page     number 8 | pad u16 | flags u16 | lower u16 | upper u16 | offsets of nodes u16 ... | free | nodes
///   node     low u16 | high u16 | flags u16 | key size u16 | key | value
///              branch: low, high, flags are the child's number
///              leaf:   low, high are the value's size; the value itself, or its first page's number
/// ```
struct TreePage {
  struct Node {
    var key: Range<Int>
    /// Of a branch.
    var child: UInt64
    /// Of a leaf: what the node itself holds; where `isElsewhere`, eight bytes with a page's number.
    var value: Range<Int>
    var valueBytes: Int
    var flags: UInt16

    var isElsewhere: Bool { flags & Self.elsewhere != 0 }
    static let elsewhere: UInt16 = 1
    static let record: UInt16 = 2
  }

  static let headerBytes = 16
  static let (branch, leaf, overflow): (UInt16, UInt16, UInt16) = (1, 2, 4)
  private static let nodeBytes = 8

  let bytes: [UInt8]
  let isLeaf: Bool
  let nodes: [Node]

  /// `nil`: the bytes are no such page.
  init?(_ bytes: [UInt8], number: UInt64) {
    let parsed = bytes.withUnsafeBytes { raw -> (Bool, [Node])? in
      func number16(_ offset: Int) -> UInt16 { raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
      let flags = number16(10)
      let (lower, upper) = (Int(number16(12)), Int(number16(14)))
      guard raw.loadUnaligned(as: UInt64.self) == number, flags == Self.branch || flags == Self.leaf,
        lower >= Self.headerBytes, lower % 2 == 0, lower <= upper, upper <= raw.count
      else { return nil }
      let isLeaf = flags == Self.leaf
      var nodes: [Node] = []
      nodes.reserveCapacity((lower - Self.headerBytes) / 2)
      for offset in stride(from: Self.headerBytes, to: lower, by: 2) {
        let node = Int(number16(offset))
        guard node >= upper, node + Self.nodeBytes <= raw.count else { return nil }
        let low = UInt64(number16(node)) | UInt64(number16(node + 2)) << 16
        let flags = number16(node + 4)
        let value = node + Self.nodeBytes + Int(number16(node + 6))
        let inside = !isLeaf ? 0 : flags & Node.elsewhere != 0 ? 8 : Int(low)
        guard value + inside <= raw.count else { return nil }
        nodes.append(
          Node(
            key: node + Self.nodeBytes..<value, child: isLeaf ? 0 : low | UInt64(flags) << 32,
            value: value..<value + inside, valueBytes: isLeaf ? Int(low) : 0, flags: isLeaf ? flags : 0))
      }
      return (isLeaf, nodes)
    }
    guard let parsed else { return nil }
    (isLeaf, nodes) = parsed
    self.bytes = bytes
  }

  /// The page where a leaf's value begins that is not in the node itself.
  func firstPage(of node: Node) -> UInt64 {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: node.value.lowerBound, as: UInt64.self) }
  }
}
