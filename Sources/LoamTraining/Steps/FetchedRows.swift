import LoamKernels
import LoamQuery
import LoamStore

/// The distinct rows of one table that a batch names, side by side, and the sums of their gradients.
///
/// Memory is kept from batch to batch.
final class FetchedRows {
  let dimension: Int
  let hasWeight: Bool
  let hasCounts: Bool
  private var capacity = 0
  private(set) var vectors = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  private(set) var weights = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  /// How often training has seen each row, this batch included; and all rows of the table that are an ID's.
  private(set) var counts = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  var occurrences: UInt64 = 0
  private(set) var vectorSums = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  private(set) var weightSums = UnsafeMutablePointer<Float>.allocate(capacity: 0)

  /// For each row a factor of its rate; `nil`: 1.
  var rates: UnsafePointer<Float>?

  init(dimension: Int, hasWeight: Bool, hasCounts: Bool = false) {
    self.dimension = dimension
    self.hasWeight = hasWeight
    self.hasCounts = hasCounts
  }

  deinit { deallocate() }

  private func deallocate() {
    for pointer in [vectors, weights, counts, vectorSums, weightSums] { pointer.deallocate() }
  }

  func fetch(_ rows: [RowReference], from source: any RowSource) throws(QueryError) {
    reserve(rows.count)
    try source.fetch(rows, vectors: dimension > 0 ? vectors : nil, weights: hasWeight ? weights : nil)
  }

  private func reserve(_ rows: Int) {
    guard rows > capacity else { return }
    deallocate()
    capacity = rows * 5 / 4
    vectors = .allocate(capacity: capacity * dimension)
    weights = .allocate(capacity: capacity)
    counts = .allocate(capacity: hasCounts ? capacity : 0)
    vectorSums = .allocate(capacity: capacity * dimension)
    weightSums = .allocate(capacity: capacity)
  }

  /// Makes room for a step's rows and zeroes the sums.
  func begin(_ rows: Int) {
    reserve(rows)
    vectorSums.update(repeating: 0, count: rows * dimension)
    if hasWeight { weightSums.update(repeating: 0, count: rows) }
  }

  /// A row's count as a share of all.
  func share(_ row: Int) -> Float { min(1, counts[row] / Float(occurrences)) }

  /// Multiplies the sums, for clipping.
  func scaleSums(_ rows: Int, by factor: Float) {
    loam_f32_scale(vectorSums, vectorSums, factor, rows * dimension, false)
    if hasWeight { loam_f32_scale(weightSums, weightSums, factor, rows, false) }
  }

  /// In the given order of rows, which the number of shards does not change.
  func squareSum(_ order: [UInt32]) -> Double {
    var sum = 0.0
    for place in order {
      sum += loam_f32_square_sum(vectorSums + Int(place) * dimension, dimension)
      if hasWeight { sum += Double(weightSums[Int(place)]) * Double(weightSums[Int(place)]) }
    }
    return sum
  }
}
