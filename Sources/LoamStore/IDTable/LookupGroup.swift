import LoamKernels

/// Room for the steps of a lookup: what one group of IDs has become so far.
struct LookupGroup: ~Copyable {
  static let count = Int(LOAM_LOOKUP_GROUP)

  let lines: UnsafeMutablePointer<UnsafeRawPointer?>
  let rows: UnsafeMutablePointer<UnsafeRawPointer?>
  /// Positions that a step could not settle.
  let listed: UnsafeMutablePointer<UInt32>
  /// Rows that are stored nowhere, made at the first need.
  private var initial: UnsafeMutableRawPointer?

  init() {
    lines = .allocate(capacity: Self.count)
    rows = .allocate(capacity: Self.count)
    listed = .allocate(capacity: Self.count)
  }

  deinit {
    lines.deallocate()
    rows.deallocate()
    listed.deallocate()
    initial?.deallocate()
  }

  /// Where to write the initial row of a position. `stride` must be the same at each call.
  mutating func initialRow(_ position: Int, stride: Int) -> UnsafeMutableRawPointer {
    let rows = initial ?? .allocate(byteCount: Self.count * stride, alignment: 64)
    initial = rows
    return rows + position * stride
  }
}
