import LoamQuery
import LoamSchema
import LoamStore

/// The rows of one embedding table in ascending order of ID, read and settled piece by piece.
struct TableContent {
  private static let pieceRowsMax = 8_192
  private static let pieceElementsMax = 1 << 20
  /// Pieces that are made before the first of them is written.
  private static let piecesAtOnce = 16

  let space: String
  let ids: [ID]
  let reader: EmbeddingReader
  private let references: [RowReference]
  private let allowsNonfinite: Bool
  private let threads: Int

  init(_ snapshot: Snapshot, model: String, space: String, _ options: ExportOptions) throws(ExportError) {
    threads = options.threads
    let what = "table embedding:\(model)/\(space)"
    let reader = try Exporter.reading(what) { () throws(QueryError) in
      try EmbeddingReader(snapshot, model: model, space: space)
    }
    guard let reader else {
      throw ExportError(.damaged, "version \(snapshot.record.version) has model \(model), but not its \(what)")
    }
    let rows = try SortedRows(reader.table, threads: threads)
    (ids, references) = (rows.ids, rows.references)
    self.reader = reader
    self.space = space
    allowsNonfinite = options.allowsNonfinite
  }

  /// Rows that are read at a time.
  var pieceRows: Int { min(Self.pieceRowsMax, max(1, Self.pieceElementsMax / max(1, dimension))) }
  var name: TableName { reader.table.spec.name }
  var count: Int { ids.count }
  var dimension: Int { reader.dimension }
  var hasWeight: Bool { reader.hasWeight }
  /// `nil`: the table has no such row.
  var missingRow: Int? { reservedRow(.missing) }
  var unknownRow: Int? { reservedRow(.unknown) }

  /// The reserved IDs are the two highest.
  private func reservedRow(_ reserved: ID) -> Int? { ids.indices.suffix(2).first { ids[$0] == reserved } }

  func position(of id: ID) -> Int? {
    let position = ids.partitioningIndex { $0 >= id }
    return position < count && ids[position] == id ? position : nil
  }

  /// Values of some rows, side by side.
  func values(of column: String, at positions: [Int]) throws(ExportError) -> [Float] {
    try Exporter.reading("\(name)") { () throws(QueryError) in
      try reader.values(column, positions.map { references[$0] })
    }
  }

  /// Calls `body` with the values of rows as a lookup gives them, `pieceRows` rows at a time at most.
  ///
  /// - Returns: how many of them are not finite.
  /// - Throws: `export.nonfinite` where the export does not allow them.
  @discardableResult
  func forEachPiece(
    of column: String, in range: Range<Int>? = nil, _ body: (_ first: Int, [Float]) throws(ExportError) -> Void
  ) throws(ExportError) -> Int {
    try forEachPiece(of: column, in: range, { ($0, $1) }) { (piece) throws(ExportError) in try body(piece.0, piece.1) }
  }

  /// The same, where each piece is worked on by `make` first, several at once; `body` gets what that answers, in order.
  @discardableResult
  func forEachPiece<Piece>(
    of column: String, in range: Range<Int>? = nil, _ make: (_ first: Int, [Float]) throws(ExportError) -> Piece,
    _ body: (Piece) throws(ExportError) -> Void
  ) throws(ExportError) -> Int {
    let (range, pieceRows) = (range ?? 0..<count, pieceRows)
    let made = UnsafeMutableBufferPointer<(piece: Piece, nonfinite: Int)?>.allocate(capacity: Self.piecesAtOnce)
    made.initialize(repeating: nil)
    defer {
      made.deinitialize()
      made.deallocate()
    }
    // Each item has a place of its own.
    nonisolated(unsafe) let places = made
    var nonfinite = 0
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.piecesAtOnce * pieceRows) {
      let pieces = min(Self.piecesAtOnce, (range.upperBound - start + pieceRows - 1) / pieceRows)
      try Parallel.forEach(pieces, threads: threads) { number throws(ExportError) in
        let first = start + number * pieceRows
        let values = try self.values(column, first..<min(first + pieceRows, range.upperBound))
        places[number] = (try make(first, values.all), values.nonfinite)
      }
      for number in 0..<pieces {
        let (piece, wrong) = made[number]!
        made[number] = nil
        nonfinite += wrong
        try body(piece)
      }
    }
    return nonfinite
  }

  /// The values of neighbouring rows, and how many of them are not finite.
  private func values(_ column: String, _ rows: Range<Int>) throws(ExportError) -> (all: [Float], nonfinite: Int) {
    let values = try Exporter.reading("\(name)") { () throws(QueryError) in
      try reader.values(column, Array(references[rows]))
    }
    // Magnitudes as whole numbers, which ascend as they do: no choice an element.
    var largest: Int32 = 0
    for value in values { largest = max(largest, Int32(truncatingIfNeeded: value.bitPattern & 0x7FFF_FFFF)) }
    if largest < 0x7F80_0000 { return (values, 0) }
    if !allowsNonfinite {
      let index = values.firstIndex { !$0.isFinite }!
      throw ExportError(
        .nonfinite,
        "\(name): \(column) of ID \(ids[rows.lowerBound + index / (values.count / rows.count)]) holds \(values[index])",
        hint: "The model diverged: export an earlier version, or train with a lower rate or a gradient clip.")
    }
    return (values, values.count { !$0.isFinite })
  }
}
