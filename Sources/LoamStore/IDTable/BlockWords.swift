import Synchronization

/// An array of block words that threads may read while others mark blocks as verified.
// Sendable: words are only touched through atomics. What a word points at does not change while readers share it (a map
// under an open transaction); that it is verified is released after its patches were resolved. Writers are used by one
// thread.
final class BlockWords: @unchecked Sendable {
  private(set) var count: Int
  private var capacity: Int
  private var words: UnsafeMutablePointer<Atomic<UInt>>

  init(count: Int) {
    self.count = count
    capacity = max(count, 1)
    words = Self.allocate(capacity)
  }

  deinit { words.deallocate() }

  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
    let words = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: capacity)
    for index in 0..<capacity { (words + index).initialize(to: Atomic(0)) }
    return words
  }

  /// For kernels, which load words as atomics too. Valid until `grow`.
  var start: UnsafePointer<UInt> { UnsafePointer(UnsafeRawPointer(words).assumingMemoryBound(to: UInt.self)) }

  @inline(__always)
  subscript(index: Int) -> BlockWord {
    get { BlockWord(bits: words[index].load(ordering: .acquiring)) }
    set { words[index].store(newValue.bits, ordering: .releasing) }
  }

  var bytes: Int { capacity * MemoryLayout<UInt>.size }

  /// Appends empty words. For writers only: no reader may look meanwhile.
  func grow(to newCount: Int) {
    if newCount > capacity {
      capacity = max(newCount, capacity + capacity / 4)
      let larger = Self.allocate(capacity)
      for index in 0..<count { larger[index].store(words[index].load(ordering: .relaxed), ordering: .relaxed) }
      words.deallocate()
      words = larger
    }
    count = max(count, newCount)
  }
}
