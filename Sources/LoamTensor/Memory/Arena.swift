/// Memory for the tensors of one step, used again in the next.
///
/// ```
/// step 1   take a  take b  release b  take c     allocates a, b; c takes b's memory
/// reset
/// step 2   take a  take b  release b  take c     allocates nothing
/// ```
/// One thread uses an arena.
public final class Arena {
  /// Free storages by class.
  private var free = [[Storage]](repeating: [], count: CapacityClass.count)
  private var used: [Storage] = []
  /// Storages made so far. In a steady state this does not grow.
  public private(set) var storagesMade = 0
  public private(set) var bytesReserved = 0

  public init() {}

  /// A tensor with undefined numbers, valid until it is released or the arena is reset.
  public func tensor(_ shape: Shape) -> Tensor {
    let capacityClass = CapacityClass(holding: shape.count)
    let storage = free[capacityClass.index].popLast() ?? make(capacityClass.capacity)
    storage.place = used.count
    used.append(storage)
    return Tensor(shape, storage: storage)
  }

  /// Ends a tensor before the step ends.
  func release(_ tensor: Tensor) {
    let storage = tensor.storage
    precondition(storage.place < used.count && used[storage.place] === storage, "released to an arena not its own")
    let last = used.removeLast()
    if last !== storage {
      used[storage.place] = last
      last.place = storage.place
    }
    end(storage)
  }

  /// Ends every tensor of the step.
  public func reset() {
    // Backwards, so that the next step meets the storages in the order of this one, and memory stays where it was.
    while let storage = used.popLast() { end(storage) }
  }

  private func end(_ storage: Storage) {
    storage.generation += 1
    free[CapacityClass(holding: storage.capacity).index].append(storage)
  }

  private func make(_ capacity: Int) -> Storage {
    storagesMade += 1
    bytesReserved += capacity * MemoryLayout<Float>.stride
    return Storage(capacity: capacity)
  }
}

/// Capacities that storages have: 64 numbers, and above four of them to each power of two. They are more than asked for
/// by at most a quarter, so that the shorter last batch of an epoch fits into the memory of the others.
private struct CapacityClass {
  static let count = 4 * Int.bitWidth
  private static let smallest = 64
  let index: Int
  let capacity: Int

  init(holding count: Int) {
    guard count > Self.smallest else {
      (index, capacity) = (0, Self.smallest)
      return
    }
    let bit = Int.bitWidth - 1 - (count - 1).leadingZeroBitCount
    let quarter = (count - 1) >> (bit - 2)
    (index, capacity) = (4 * bit + quarter & 3, (quarter + 1) << (bit - 2))
  }
}
