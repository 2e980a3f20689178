/// Memory for floats, on a cache line's boundary, that tensors look at.
///
/// `@unchecked Sendable`: nothing here locks. Who shares a storage between threads keeps writers away from readers:
/// lanes read parameters during a step, and only the optimizer, between steps, writes them.
final class Storage: @unchecked Sendable {
  static let alignment = 64

  let base: UnsafeMutablePointer<Float>
  let capacity: Int
  /// Rises when an arena takes the memory back: a tensor of an older generation is refused.
  var generation: UInt64 = 0
  /// Where the arena lists it among those in use.
  var place = 0

  init(capacity: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Float>.stride, alignment: Self.alignment)
    self.base = bytes.bindMemory(to: Float.self, capacity: capacity)
    self.capacity = capacity
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}
