import LoamQuery
import LoamSchema
import LoamStore

/// The rows of one embedding table in ascending order of ID, read and settled piece by piece.
struct TableContent {
  /// Rows that are read at a time.
  static let pieceRows = 8_192

  let space: String
  let ids: [ID]
  let reader: EmbeddingReader
  private let references: [RowReference]
  private let allowsNonfinite: Bool

  init(_ snapshot: Snapshot, model: String, space: String, allowsNonfinite: Bool) throws(ExportError) {
    let what = "table embedding:\(model)/\(space)"
    let reader = try Exporter.reading(what) { () throws(QueryError) in
      try EmbeddingReader(snapshot, model: model, space: space)
    }
    guard let reader else {
      throw ExportError(.damaged, "version \(snapshot.record.version) has model \(model), but not its \(what)")
    }
    var rows: [(id: ID, reference: RowReference)] = []
    rows.reserveCapacity(reader.rowCount)
    do {
      try reader.table.forEachRow { reference, id in rows.append((id, reference)) }
    } catch {
      guard let error = error as? any LoamError else { preconditionFailure("\(error)") }
      throw ExportError(error, while: "reading \(what)")
    }
    rows.sort { $0.id < $1.id }
    ids = rows.map(\.id)
    references = rows.map(\.reference)
    self.reader = reader
    self.space = space
    self.allowsNonfinite = allowsNonfinite
  }

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
    let range = range ?? 0..<count
    var nonfinite = 0
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceRows) {
      let piece = Array(references[start..<min(start + Self.pieceRows, range.upperBound)])
      let values = try Exporter.reading("\(name)") { () throws(QueryError) in try reader.values(column, piece) }
      let wrong = values.count { !$0.isFinite }
      if wrong > 0 && !allowsNonfinite {
        let index = values.firstIndex { !$0.isFinite }!
        throw ExportError(
          .nonfinite,
          "\(name): \(column) of ID \(ids[start + index / (values.count / piece.count)]) holds \(values[index])",
          hint: "The model diverged: export an earlier version, or train with a lower rate or a gradient clip.")
      }
      nonfinite += wrong
      try body(start, values)
    }
    return nonfinite
  }
}
