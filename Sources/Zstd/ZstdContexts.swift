import CZstd
import Synchronization

/// Contexts that nobody uses at the moment: making one costs more than a small block.
final class ZstdContexts: Sendable {
  static let compression = ZstdContexts(make: { ZSTD_createCCtx() }, free: { ZSTD_freeCCtx($0) })
  static let decompression = ZstdContexts(make: { ZSTD_createDCtx() }, free: { ZSTD_freeDCtx($0) })
  private static let keptMax = 64

  /// By address.
  private let unused = Mutex<[UInt]>([])
  private let make: @Sendable () -> OpaquePointer?
  private let free: @Sendable (OpaquePointer) -> Void

  private init(make: @escaping @Sendable () -> OpaquePointer?, free: @escaping @Sendable (OpaquePointer) -> Void) {
    (self.make, self.free) = (make, free)
  }

  func take() -> OpaquePointer {
    let known = unused.withLock { $0.popLast() }
    guard let context = known.flatMap({ OpaquePointer(bitPattern: $0) }) ?? make() else {
      preconditionFailure("zstd: no memory for a context")
    }
    return context
  }

  func giveBack(_ context: OpaquePointer) {
    let address = UInt(bitPattern: context)
    let isKept = unused.withLock { unused in
      if unused.count < Self.keptMax { unused.append(address) }
      return unused.last == address
    }
    if !isKept { free(context) }
  }
}
