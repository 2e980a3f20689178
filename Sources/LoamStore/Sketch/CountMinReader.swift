import LoamSchema

/// Estimated counts of the IDs of a space in one log, at one version.
public final class CountMinReader: Sendable {
  public let shape: CountMinShape
  /// Occurrences counted.
  public let total: UInt64
  private let table: IDTableReader

  /// `nil`: this version counts the space exactly, or not at all.
  public init?(_ snapshot: Snapshot, space: String, log: String) throws(StoreError) {
    guard let table = try IDTableReader(snapshot, TableName(.sketch, "\(space)/\(log)")) else { return nil }
    let row = try table.find(CountMinHead.row)
    if row.isNone { return nil }
    var line = CounterLine()
    let head = try line.read(table, row) { CountMinHead($0) }
    (self.table, total) = (table, head.total)
    shape = try head.shape(of: table.spec.name)
  }

  /// Never below the count of the ID, and above it by more than `shape.bound(total:)` for a share `delta` of IDs at most.
  public func estimate(_ id: ID) throws(StoreError) -> UInt64 {
    var least = UInt32.max
    var line = CounterLine()
    for row in 0..<shape.depth {
      let place = CountMinPlace(id, row: row, width: shape.width)
      let found = try table.find(place.line)
      if found.isNone { return 0 }
      least = min(
        least, try line.read(table, found) { $0.loadUnaligned(fromByteOffset: 4 * place.counter, as: UInt32.self) })
    }
    return UInt64(least)
  }
}

/// Room for one line of counters.
private struct CounterLine {
  private var counters = [UInt32](repeating: 0, count: TableSpec.countersPerLine)

  mutating func read<Value>(
    _ table: IDTableReader, _ row: RowReference, _ body: (UnsafeRawPointer) -> Value
  ) throws(StoreError) -> Value {
    try counters.withUnsafeMutableBufferPointer { (counters) throws(StoreError) in
      let start = UnsafeMutableRawPointer(counters.baseAddress!)
      try table.read(0, row, into: start)
      return body(start)
    }
  }
}
