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
  fileprivate static let nodeBytes = 8

  let bytes: [UInt8]
  let isLeaf: Bool
  let nodes: Nodes

  /// `nil`: the bytes are no such page.
  init?(_ bytes: [UInt8], number: UInt64) {
    let parsed = bytes.withUnsafeBytes { raw -> (isLeaf: Bool, count: Int)? in
      func number16(_ offset: Int) -> UInt16 { raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
      let flags = number16(10)
      let (lower, upper) = (Int(number16(12)), Int(number16(14)))
      guard raw.loadUnaligned(as: UInt64.self) == number, flags == Self.branch || flags == Self.leaf,
        lower >= Self.headerBytes, lower % 2 == 0, lower <= upper, upper <= raw.count
      else { return nil }
      let isLeaf = flags == Self.leaf
      for offset in stride(from: Self.headerBytes, to: lower, by: 2) {
        let start = Int(number16(offset))
        guard start >= upper, start + Self.nodeBytes <= raw.count,
          Node(raw, at: start, isLeaf).value.upperBound <= raw.count
        else { return nil }
      }
      return (isLeaf, (lower - Self.headerBytes) / 2)
    }
    guard let parsed else { return nil }
    (self.bytes, isLeaf) = (bytes, parsed.isLeaf)
    nodes = Nodes(bytes: bytes, isLeaf: parsed.isLeaf, count: parsed.count)
  }

  /// The page where a leaf's value begins that is not in the node itself.
  func firstPage(of node: Node) -> UInt64 {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: node.value.lowerBound, as: UInt64.self) }
  }

  /// In the order of their keys, each read from the page when it is asked for.
  struct Nodes: RandomAccessCollection {
    fileprivate let bytes: [UInt8]
    fileprivate let isLeaf: Bool
    let count: Int

    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(index: Int) -> Node {
      precondition(index >= 0 && index < count, "node \(index) of \(count)")
      return bytes.withUnsafeBytes { raw in
        let start = raw.loadUnaligned(fromByteOffset: TreePage.headerBytes + 2 * index, as: UInt16.self)
        return Node(raw, at: Int(start), isLeaf)
      }
    }
  }
}

extension TreePage.Node {
  /// Its own eight bytes must lie in the page.
  fileprivate init(_ raw: UnsafeRawBufferPointer, at start: Int, _ isLeaf: Bool) {
    func number16(_ offset: Int) -> UInt16 { raw.loadUnaligned(fromByteOffset: start + offset, as: UInt16.self) }
    let low = UInt64(number16(0)) | UInt64(number16(2)) << 16
    let flags = number16(4)
    let keyStart = start + TreePage.nodeBytes
    let valueStart = keyStart + Int(number16(6))
    let inside = !isLeaf ? 0 : flags & Self.elsewhere != 0 ? 8 : Int(low)
    self.init(
      key: keyStart..<valueStart, child: isLeaf ? 0 : low | UInt64(flags) << 32,
      value: valueStart..<valueStart + inside, valueBytes: isLeaf ? Int(low) : 0, flags: isLeaf ? flags : 0)
  }
}
