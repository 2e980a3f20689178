import LoamStore

/// The rows that one step updates: those of the batch, or every row of the table.
final class RowTouches {
  private(set) var rows: [RowReference] = []
  /// For each row its position among the batch's, or none.
  private var positions: [Int32] = []
  private var place: [RowReference: Int32] = [:]
  /// The gradient of the rows outside the batch.
  private var zeros = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)

  deinit { zeros.deallocate() }

  func begin(_ batch: [RowReference], every: [RowReference]?) {
    positions.removeAll(keepingCapacity: true)
    guard let every else {
      rows = batch
      return
    }
    rows = every
    place.removeAll(keepingCapacity: true)
    for (position, row) in batch.enumerated() { place[row] = Int32(position) }
    positions.reserveCapacity(every.count)
    for row in every { positions.append(place[row] ?? -1) }
  }

  /// A pointer for each row, valid as long as `batch` and this are.
  func gradients(_ batch: UnsafePointer<Float>, width: Int) -> [UnsafePointer<Float>?] {
    if positions.isEmpty { return rows.indices.map { batch + $0 * width } }
    if zeros.count < width {
      zeros.deallocate()
      zeros = .allocate(capacity: width)
      zeros.initialize(repeating: 0)
    }
    return positions.map { $0 < 0 ? UnsafePointer(zeros.baseAddress!) : batch + Int($0) * width }
  }
}
