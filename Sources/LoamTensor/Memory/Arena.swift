/// Memory for the tensors of one step, used again in the next.
///
/// ```
/// step 1   take a  take b  release b  take c     allocates a, b; c takes b's memory
/// reset
/// step 2   take a  take b  release b  take c     allocates nothing
/// ```
/// One thread uses an arena.
public final class Arena {
  /// Free storages by capacity. Capacities are rounded up by at most a quarter, so that the shorter last
  /// batch of an epoch fits into the memory of the others.
  private var free: [Int: [Storage]] = [:]
  private var used: [Storage] = []
  /// Storages made so far. In a steady state this does not grow.
  public private(set) var storagesMade = 0
  public private(set) var bytesReserved = 0

  public init() {}

  /// A tensor with undefined numbers, valid until it is released or the arena is reset.
  public func tensor(_ shape: Shape) -> Tensor {
    let capacity = Self.capacity(for: shape.count)
    let storage = free[capacity]?.popLast() ?? make(capacity)
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
    free[storage.capacity, default: []].append(storage)
  }

  private func make(_ capacity: Int) -> Storage {
    storagesMade += 1
    bytesReserved += capacity * MemoryLayout<Float>.stride
    return Storage(capacity: capacity)
  }

  static func capacity(for count: Int) -> Int {
    let smallest = 64
    guard count > smallest else { return smallest }
    let step = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount - 2)
    return (count + step - 1) / step * step
  }
}
