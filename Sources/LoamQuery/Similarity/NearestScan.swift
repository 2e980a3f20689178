import LoamKernels
import LoamSchema
import LoamStore
import OneDNN

/// Compares queries with rows, a chunk that fits the second-level cache at a time.
///
/// ```
///   rows of the chunk ─ copy ─▶ [rows, width] ─ squares ─▶ scale, bias of each row
///   queries [queries, width] ·  [rows, width]ᵀ ──────────▶ products [queries, rows] ─ select ─▶ a heap a query
/// ```
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
  private let chunkRows: Int
  private let queries: UnsafeMutablePointer<Float>
  private let rows: UnsafeMutablePointer<Float>
  private let products: UnsafeMutablePointer<Float>
  private let squares: UnsafeMutablePointer<Float>
  private let scales: UnsafeMutablePointer<Float>
  private let biases: UnsafeMutablePointer<Float>
  private let ids: UnsafeMutablePointer<ID>
  private let references: UnsafeMutablePointer<RowReference>
  private let places: UnsafeMutablePointer<UInt32>
  private(set) var heaps: [NearestHeap]

  static func chunkRows(width: Int) -> Int { max(chunkElements / width, 64) }

  /// - Parameter queries: `[queries, width]`.
  init(_ table: IDTableReader, column: Int, queries given: [Float], best: Int, by similarity: Similarity) {
    (self.table, self.column, self.similarity) = (table, column, similarity)
    width = table.spec.columns[column].width
    queryCount = given.count / width
    chunkRows = Self.chunkRows(width: width)
    let padded = (queryCount + Self.queriesTogether - 1) / Self.queriesTogether * Self.queriesTogether
    func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
      let start = UnsafeMutablePointer<Float>.allocate(capacity: count)
      start.initialize(repeating: 0, count: count)
      return start
    }
    queries = floats(padded * width)
    queries.update(from: given, count: given.count)
    rows = floats(chunkRows * width)
    products = floats(padded * chunkRows)
    (squares, scales, biases) = (floats(chunkRows), floats(chunkRows), floats(chunkRows))
    ids = .allocate(capacity: chunkRows)
    references = .allocate(capacity: chunkRows)
    places = .allocate(capacity: chunkRows)
    heaps = Array(repeating: NearestHeap(capacity: best), count: queryCount)
  }

  deinit {
    for pointer in [queries, rows, products, squares, scales, biases] { pointer.deallocate() }
    ids.deallocate()
    references.deallocate()
    places.deallocate()
  }

  /// Compares with the rows of at most `chunkRows` slots.
  ///
  /// - Parameter settle: makes up for decay in the rows just copied.
  func compare(
    shard: Int, slots: Range<UInt32>, where isWanted: (ID) -> Bool,
    settle: (UnsafeBufferPointer<RowReference>, UnsafeMutablePointer<Float>) throws(QueryError) -> Void
  ) throws(QueryError) {
    let count = try QueryError.passing { () throws(StoreError) in
      try table.scan(
        column, shard: shard, slots: slots, references: references, ids: ids, rows: rows, where: isWanted)
    }
    guard count > 0 else { return }
    try settle(UnsafeBufferPointer(start: references, count: count), rows)
    if similarity != .dot { loam_nearest_squares(squares, rows, count, width) }
    for row in 0..<count { (scales[row], biases[row]) = similarity.terms(square: squares[row]) }
    if queryCount == 1 {
      loam_nearest_products(products, queries, rows, count, width)
    } else {
      // All rows of the chunk, those left over from the one before too: another shape would be another primitive.
      let padded = (queryCount + Self.queriesTogether - 1) / Self.queriesTogether * Self.queriesTogether
      OneDNN.multiply(
        Matrix(queries, rows: padded, columns: width),
        Matrix(rows, rows: width, columns: chunkRows, transposed: true), into: products)
    }
    for query in 0..<queryCount { select(query, count) }
  }

  private func select(_ query: Int, _ count: Int) {
    let products = products + query * chunkRows
    let found = loam_nearest_select(places, products, scales, biases, count, heaps[query].least)
    for place in 0..<found {
      let row = Int(places[place])
      let nearness = products[row] * scales[row] + biases[row]
      heaps[query].offer(.init(nearness: nearness, id: ids[row], row: references[row]))
    }
  }
}
