import LoamKernels

/// Rows that a batched update may change in place, valid within the call that got them.
public struct UpdateGroup {
  /// Position of the first row in the rows of the call.
  public let first: Int
  public let count: Int
  private let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  init(first: Int, count: Int, _ addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
    (self.first, self.count, self.addresses) = (first, count, addresses)
  }

  /// `count` addresses of rows, `stride` bytes each.
  ///
  /// - Parameter column: its position among the columns of the call.
  @inline(__always)
  public func rows<Element>(_ column: Int, of: Element.Type) -> UnsafePointer<UnsafeMutablePointer<Element>?> {
    UnsafeRawPointer(addresses + column * UpdateRoom.count)
      .assumingMemoryBound(to: UnsafeMutablePointer<Element>?.self)
  }
}

/// Addresses of two groups: one that is worked on, and the next one on its way to the cache.
struct UpdateRoom: ~Copyable {
  /// Rows of a group. Two groups of two columns of 64 bytes lie in 64 KiB, which the second-level cache holds.
  static let count = Int(LOAM_LOOKUP_GROUP)

  let listed: UnsafeMutablePointer<UInt32>
  private let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let columns: Int

  init(columns: Int) {
    self.columns = columns
    listed = .allocate(capacity: Self.count)
    addresses = .allocate(capacity: 2 * columns * Self.count)
    addresses.initialize(repeating: nil, count: 2 * columns * Self.count)
  }

  deinit {
    listed.deallocate()
    addresses.deallocate()
  }

  @inline(__always)
  func rows(_ first: Int, column: Int) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    addresses + ((first / Self.count & 1) * columns + column) * Self.count
  }

  @inline(__always)
  func group(_ first: Int, count: Int) -> UpdateGroup {
    UpdateGroup(first: first, count: count, rows(first, column: 0))
  }
}
