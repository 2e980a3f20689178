import LoamKernels
import LoamSchema

/// Where the counters of an ID lie.
struct CountMinPlace {
  let line: ID
  let counter: Int

  /// In row `row` of a sketch: by a hash of its own, scaled to the row's width.
  @inline(__always)
  init(_ id: ID, row: Int, width: Int) {
    let hash = loam_mix64(loam_mix64(id) &+ UInt64(row + 1) &* 0x9e37_79b9_7f4a_7c15)
    let place = Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(width)).high)
    line = UInt64(row) << 40 | UInt64(place / TableSpec.countersPerLine)
    counter = place % TableSpec.countersPerLine
  }
}
