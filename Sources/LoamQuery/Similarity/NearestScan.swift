import LoamKernels
import LoamSchema
import LoamStore
import OneDNN

/// Compares queries with rows, a chunk that fits the second-level cache at a time.
///
/// How near a row is: its product with the query times the row's scale, plus the row's bias. What depends on the query
/// alone is left out, as it changes no order.
///
/// ```
///   rows of the chunk ─ copy ─▶ [rows, width] ─ squares ─▶ scale, bias of each row
///   queries [queries, width] ·  [rows, width]ᵀ ──────────▶ products [queries, rows] ─ select ─▶ a heap a query
/// ```
/// A single query reads the rows where they lie: memory is what it waits for, and a copy would double it.
///
/// Several scans share a table.
// Sendable: one thread at a time has a scan.
final class NearestScan: @unchecked Sendable {
  /// A chunk of 128 KiB, and as much of products for a batch of 64 queries of 64 elements.
  static let chunkElements = 32_768
  /// Queries are padded with zeros to a multiple, so that few shapes of products are met.
  static let queriesTogether = 8

  private let table: IDTableReader
  private let column: Int
  private let width: Int
  private let similarity: Similarity
  private let queryCount: Int
  private let paddedCount: Int
  private let chunkRows: Int
  private let queries: UnsafeMutablePointer<Float>
  private let rows: UnsafeMutablePointer<Float>
  /// Rows that are stored nowhere.
  private let initial: UnsafeMutablePointer<Float>
  private let products: UnsafeMutablePointer<Float>
  private let squares: UnsafeMutablePointer<Float>
  private let scales: UnsafeMutablePointer<Float>
  private let biases: UnsafeMutablePointer<Float>
  private let located: UnsafeMutablePointer<UnsafeRawPointer?>
  private let selected: UnsafeMutablePointer<UInt32>
  private(set) var heaps: [NearestHeap]

  static func chunkRows(width: Int) -> Int { max(chunkElements / width, 64) }

  /// - Parameter queries: `[queries, width]`.
  init(_ table: IDTableReader, column: Int, queries given: [Float], best: Int, by similarity: Similarity) {
    (self.table, self.column, self.similarity) = (table, column, similarity)
    width = table.spec.columns[column].width
    queryCount = given.count / width
    chunkRows = Self.chunkRows(width: width)
    paddedCount = (queryCount + Self.queriesTogether - 1) / Self.queriesTogether * Self.queriesTogether
    func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
      let start = UnsafeMutablePointer<Float>.allocate(capacity: count)
      start.initialize(repeating: 0, count: count)
      return start
    }
    queries = floats(paddedCount * width)
    queries.update(from: given, count: given.count)
    rows = floats(chunkRows * width)
    initial = floats(chunkRows * width)
    products = floats(paddedCount * chunkRows)
    (squares, scales, biases) = (floats(chunkRows), floats(chunkRows), floats(chunkRows))
    // |a - b|² = |a|² + |b|² - 2 a · b, of which |a|² is the query's alone.
    scales.update(repeating: similarity == .l2 ? 2 : 1, count: chunkRows)
    located = .allocate(capacity: chunkRows)
    selected = .allocate(capacity: chunkRows)
    heaps = Array(repeating: NearestHeap(capacity: best), count: queryCount)
  }

  deinit {
    for pointer in [queries, rows, initial, products, squares, scales, biases] { pointer.deallocate() }
    located.deallocate()
    selected.deallocate()
  }

  /// Compares with the rows of at most `chunkRows` slots.
  ///
  /// - Parameter settle: makes up for decay in copied rows; `nil` where there is none.
  func compare(
    shard: Int, slots: Range<UInt32>, where isWanted: (ID) -> Bool,
    settle: ((Range<UInt32>, UnsafeMutablePointer<Float>) throws(QueryError) -> Void)?
  ) throws(QueryError) {
    let count = slots.count
    try QueryError.passing { () throws(StoreError) in
      try table.locate(column, shard: shard, slots: slots, scratch: initial, into: located)
    }
    if queryCount > 1 || settle != nil {
      loam_lookup_copy(located, count, width * MemoryLayout<Float>.stride, rows)
      try settle?(slots, rows)
      for row in 0..<count { located[row] = UnsafeRawPointer(rows + row * width) }
    }
    if queryCount == 1 {
      loam_nearest_products(products, squares, queries, located, count, width)
    } else {
      if similarity != .dot { loam_nearest_squares(squares, rows, count, width) }
      // All rows of the chunk, those left over from the one before too: another shape would be another primitive.
      OneDNN.multiply(
        Matrix(queries, rows: paddedCount, columns: width),
        Matrix(rows, rows: width, columns: chunkRows, transposed: true), into: products)
    }
    switch similarity {
    case .cosine: loam_nearest_inverse_lengths(scales, squares, count)
    case .dot: break
    case .l2: loam_f32_scale(biases, squares, -1, count, false)
    }
    for query in 0..<queryCount { try select(query, shard, slots, where: isWanted) }
  }

  private func select(_ query: Int, _ shard: Int, _ slots: Range<UInt32>, where isWanted: (ID) -> Bool)
    throws(QueryError)
  {
    let products = products + query * chunkRows
    let found = loam_nearest_select(selected, products, scales, biases, slots.count, heaps[query].least)
    for place in 0..<found {
      let row = Int(selected[place])
      let nearness = products[row] * scales[row] + biases[row]
      guard nearness >= heaps[query].least else { continue }
      let reference = RowReference(shard: shard, slot: slots.lowerBound + UInt32(row))
      let id = try QueryError.passing { () throws(StoreError) in try table.idInUse(reference) }
      guard let id, isWanted(id) else { continue }
      heaps[query].offer(.init(nearness: nearness, id: id, row: reference))
    }
  }
}
