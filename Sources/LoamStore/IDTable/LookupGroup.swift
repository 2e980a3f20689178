import LoamKernels

/// Room for the steps of a lookup: what one group of IDs has become so far.
struct LookupGroup: ~Copyable {
  static let count = Int(LOAM_LOOKUP_GROUP)

  let lines: UnsafeMutablePointer<UnsafeRawPointer?>
  let rows: UnsafeMutablePointer<UnsafeRawPointer?>
  let references: UnsafeMutablePointer<UInt64>
  /// Positions that a step could not settle.
  let listed: UnsafeMutablePointer<UInt32>
  private let memory: UnsafeMutableRawPointer
  /// Rows that are stored nowhere, made at the first need.
  private var initial: UnsafeMutableRawPointer?
  private let strideMax: Int

  /// - Parameter strideMax: bytes of the longest row that the group reads.
  init(strideMax: Int = 0) {
    self.strideMax = strideMax
    memory = .allocate(byteCount: Self.count * 28, alignment: 64)
    lines = memory.bindMemory(to: UnsafeRawPointer?.self, capacity: Self.count)
    rows = (memory + Self.count * 8).bindMemory(to: UnsafeRawPointer?.self, capacity: Self.count)
    references = (memory + Self.count * 16).bindMemory(to: UInt64.self, capacity: Self.count)
    listed = (memory + Self.count * 24).bindMemory(to: UInt32.self, capacity: Self.count)
  }

  deinit {
    memory.deallocate()
    initial?.deallocate()
  }

  /// Where to write the initial row of a position.
  mutating func initialRow(_ position: Int) -> UnsafeMutableRawPointer {
    let rows = initial ?? .allocate(byteCount: Self.count * strideMax, alignment: 64)
    initial = rows
    return rows + position * strideMax
  }
}
