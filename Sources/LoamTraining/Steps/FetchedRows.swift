import LoamQuery
import LoamStore

/// The distinct rows of one table that a batch names, side by side, and the sums of their gradients.
///
/// Memory is kept from batch to batch.
final class FetchedRows {
  let dimension: Int
  let hasWeight: Bool
  private var capacity = 0
  private(set) var vectors = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  private(set) var weights = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  private(set) var vectorSums = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  private(set) var weightSums = UnsafeMutablePointer<Float>.allocate(capacity: 0)

  init(dimension: Int, hasWeight: Bool) {
    self.dimension = dimension
    self.hasWeight = hasWeight
  }

  deinit { deallocate() }

  private func deallocate() {
    for pointer in [vectors, weights, vectorSums, weightSums] { pointer.deallocate() }
  }

  func fetch(_ rows: [RowReference], from source: any RowSource) throws(QueryError) {
    if rows.count > capacity {
      deallocate()
      capacity = rows.count * 5 / 4
      vectors = .allocate(capacity: capacity * dimension)
      weights = .allocate(capacity: capacity)
      vectorSums = .allocate(capacity: capacity * dimension)
      weightSums = .allocate(capacity: capacity)
    }
    try source.fetch(rows, vectors: dimension > 0 ? vectors : nil, weights: hasWeight ? weights : nil)
  }

  func clearSums(_ rows: Int) {
    vectorSums.update(repeating: 0, count: rows * dimension)
    weightSums.update(repeating: 0, count: rows)
  }

  /// Multiplies the sums, for clipping.
  func scaleSums(_ rows: Int, by factor: Float) {
    for index in 0..<rows * dimension { vectorSums[index] *= factor }
    if hasWeight { for index in 0..<rows { weightSums[index] *= factor } }
  }

  func squareSum(_ rows: Int) -> Double {
    var sum = 0.0
    for index in 0..<rows * dimension { sum += Double(vectorSums[index]) * Double(vectorSums[index]) }
    if hasWeight { for index in 0..<rows { sum += Double(weightSums[index]) * Double(weightSums[index]) } }
    return sum
  }
}
