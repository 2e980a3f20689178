import Foundation
import LoamKernels
import LoamSchema
import LoamStore

/// Loam's table of the updates: 16 f32 a row, the row's number, and the sum of squares that Adagrad keeps for each.
final class UpdateTable {
  static let width = 16
  static let spec = TableSpec(
    TableName(.embedding, "bench/update"),
    columns: [
      ColumnSpec("vector", .f32, width: width, initial: .normal(deviation: 0.1, seed: 1)),
      ColumnSpec("vector.sum", .f32, width: width),
    ])

  private let write: Write
  private let table: IDTableWriter
  private let draws: Draws
  private let batches: [[UInt64]]
  private let ids = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: Draws.batch)
  private let rows = UnsafeMutableBufferPointer<RowReference>.allocate(capacity: Draws.batch)
  private let out = UnsafeMutableBufferPointer<Float>.allocate(capacity: Draws.batch * width)
  private let gradients = UnsafeMutableBufferPointer<Float>.allocate(capacity: Draws.batch * width)
  private let gradientOf = UnsafeMutableBufferPointer<UnsafePointer<Float>?>.allocate(capacity: Draws.batch)

  init(_ store: Store, _ draws: Draws, budget: Int? = nil) throws {
    self.draws = draws
    write = try store.begin([Self.spec])
    if let budget { write.dirtyBytesMax = budget }
    table = try IDTableWriter(write, Self.spec, index: budget == nil ? .copied : .mapped)
    batches = draws.idBatches()
    ids.initialize(repeating: 0)
    rows.initialize(repeating: .none)
    out.initialize(repeating: 0)
    for element in 0..<gradients.count { gradients.initializeElement(at: element, to: Float(element % 17 - 8) * 0.01) }
    for row in 0..<Draws.batch { gradientOf.initializeElement(at: row, to: gradients.baseAddress! + row * Self.width) }
  }

  deinit {
    ids.deallocate()
    rows.deallocate()
    out.deallocate()
    gradients.deallocate()
    gradientOf.deallocate()
  }

  /// IDs to slots, gather, Adagrad, scatter.
  private func step() throws(StoreError) {
    try table.find(UnsafeBufferPointer(ids), into: rows)
    try table.read(0, UnsafeBufferPointer(rows), into: UnsafeMutableRawPointer(out.baseAddress!))
    let gradients = gradientOf.baseAddress!
    try table.update([0, 1], UnsafeBufferPointer(rows)) { group in
      let batch = loam_rows(
        count: group.count, dimension: Self.width, weights: group.rows(0, of: Float.self),
        gradients: gradients + group.first, keep: nil, rates: nil, l2: 0)
      loam_adagrad(batch, group.rows(1, of: Float.self), 0.05, 1e-8)
    }
    try table.putEarlyIfFull()
  }

  /// Seconds that steps took by a clock.
  func seconds(from first: Int, count: Int, untimed: Int = 1, _ clock: () -> Double) throws -> Double {
    var seconds = 0.0
    for number in 0..<untimed + count {
      // The IDs are near, as where a batch has just brought them.
      _ = ids.update(fromContentsOf: batches[first + number])
      let start = clock()
      try step()
      if number >= untimed { seconds += clock() - start }
    }
    return seconds
  }

  /// What the last step gathered: the peers' to the bit.
  var sum: Double { out.reduce(0.0) { $0 + Double($1) } }

  func put() throws { try table.flush() }

  /// Makes the rows a version that survives a power cut, and goes on from it.
  func commit() throws {
    try put()
    try write.publish(PublishOptions(goOn: true))
    try table.rebase()
  }

  func abandon() { write.abandon() }
}
