import LoamSchema

/// Counts occurrences of IDs in a count-min sketch, within a write.
///
/// What it holds depends on the occurrences and their order alone, not on the calls that they came in. Its blocks lie on
/// disk like every table's, and what a write changes of them within its budget of memory.
public final class CountMinWriter {
  /// To be flushed and rebased with the other tables of the write.
  public let table: IDTableWriter
  public let shape: CountMinShape
  /// Occurrences counted.
  public var total: UInt64 { head.total }
  private var head: CountMinHead

  /// Occurrences whose lines are looked up together.
  private static let batchMax = 4_096

  /// Throws `mismatch` where the store has the sketch in another shape.
  public init(_ write: Write, space: String, log: String, _ shape: CountMinShape) throws(StoreError) {
    table = try IDTableWriter(write, write.spec(TableName(.sketch, "\(space)/\(log)")))
    self.shape = shape
    head = CountMinHead(shape)
    let row = try table.find(CountMinHead.row)
    if row.isNone { return }
    head = CountMinHead(try table.row(0, row))
    let known = try head.shape(of: table.spec.name)
    guard known == shape else {
      throw StoreError(
        .mismatch,
        "\(table.spec.name) has epsilon \(known.epsilon) and delta \(known.delta), not \(shape.epsilon) and "
          + "\(shape.delta)", hint: "Keep them, or give the field another ID space.")
    }
  }

  /// Counts one more of each ID, in their order; the estimate of each right after it.
  public func count(_ ids: [ID]) throws(StoreError) -> [UInt32] {
    var estimates: [UInt32] = []
    estimates.reserveCapacity(ids.count)
    for first in stride(from: 0, to: ids.count, by: Self.batchMax) {
      try count(ids[first..<min(first + Self.batchMax, ids.count)], &estimates)
    }
    head.total += UInt64(ids.count)
    head.write(to: try table.mutableRow(0, table.findOrInsert(CountMinHead.row)))
    return estimates
  }

  private func count(_ ids: ArraySlice<ID>, _ estimates: inout [UInt32]) throws(StoreError) {
    try table.putEarlyIfFull()
    var places: [CountMinPlace] = []
    places.reserveCapacity(ids.count * shape.depth)
    for id in ids { for row in 0..<shape.depth { places.append(CountMinPlace(id, row: row, width: shape.width)) } }
    var rows = [RowReference](repeating: .none, count: places.count)
    try places.map(\.line).withUnsafeBufferPointer { (lines) throws(StoreError) in
      try rows.withUnsafeMutableBufferPointer { (rows) throws(StoreError) in try table.findOrInsert(lines, into: rows) }
    }
    for first in stride(from: 0, to: places.count, by: shape.depth) {
      let own = first..<first + shape.depth
      var least = UInt32.max
      for place in own { least = min(least, try counter(rows[place], places[place]).pointee) }
      let raised = least == .max ? least : least + 1
      for place in own {
        let counter = try counter(rows[place], places[place])
        if counter.pointee < raised { counter.pointee = raised }
      }
      estimates.append(raised)
    }
  }

  @inline(__always)
  private func counter(_ row: RowReference, _ place: CountMinPlace) throws(StoreError) -> UnsafeMutablePointer<UInt32> {
    try table.mutableRow(0, row).assumingMemoryBound(to: UInt32.self) + place.counter
  }
}
