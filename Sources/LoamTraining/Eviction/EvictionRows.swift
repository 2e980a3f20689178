import LoamQuery
import LoamSchema
import LoamStore

/// Reads what an eviction goes by, some thousand rows at a time.
struct EvictionRows {
  struct Piece {
    var ids: [ID] = []
    /// Empty where no condition or figure needs them.
    var steps: [UInt64] = []
    var counts: [UInt64] = []
    var norms: [Double] = []

    func meets(_ rule: EvictionRule, _ position: Int, latestStep: UInt64) -> Bool {
      if let steps = rule.olderThan, latestStep - self.steps[position] <= steps { return false }
      if let count = rule.countBelow, counts[position] >= count { return false }
      // A NaN is less than nothing: its row stays, to be seen.
      if let norm = rule.normBelow, !(norms[position] < norm) { return false }
      return true
    }
  }
  private let embedding: EmbeddingReader
  private let normColumn: String?
  private let step: Int?
  private let count: Int?

  init(_ embedding: EmbeddingReader, _ rule: EvictionRule) throws(TrainingError) {
    self.embedding = embedding
    let spec = embedding.table.spec
    func column(_ name: String, asked: Bool) throws(TrainingError) -> Int? {
      let index = spec.columns.firstIndex { $0.name == name && $0.type == .u64 && $0.width == 1 }
      guard index != nil || !asked else {
        throw .store(
          StoreError(
            .unknownColumn, "\(spec.name) has no column \(name), which the condition goes by",
            hint: "Tables that Loam trains have it; others can be evicted from by norm."))
      }
      return index
    }
    step = try column("last_step", asked: rule.olderThan != nil)
    count = try column("count", asked: rule.countBelow != nil)
    normColumn = rule.normBelow == nil ? nil : embedding.dimension > 0 ? "vector" : "weight"
  }

  func latestStep() throws(TrainingError) -> UInt64 {
    guard let step else { return 0 }
    var latest: UInt64 = 0
    try forEachRows(65_536) { (rows, _) throws(TrainingError) in latest = max(latest, try values(step, rows).max() ?? 0)
    }
    return latest
  }

  func forEachPiece(_ rowsAtOnce: Int, _ body: (Piece) throws(TrainingError) -> Void) throws(TrainingError) {
    try forEachRows(rowsAtOnce) { (rows, ids) throws(TrainingError) in
      var piece = Piece(ids: ids)
      if let step { piece.steps = try values(step, rows) }
      if let count { piece.counts = try values(count, rows) }
      if let normColumn { piece.norms = try norms(normColumn, rows) }
      try body(piece)
    }
  }

  private func forEachRows(
    _ rowsAtOnce: Int, _ body: ([RowReference], [ID]) throws(TrainingError) -> Void
  ) throws(TrainingError) {
    var (rows, ids): ([RowReference], [ID]) = ([], [])
    func hand() throws(TrainingError) {
      if !rows.isEmpty { try body(rows, ids) }
      (rows, ids) = ([], [])
    }
    do {
      try embedding.table.forEachRow { row, id in
        rows.append(row)
        ids.append(id)
        if rows.count == rowsAtOnce { try hand() }
      }
    } catch let error as StoreError {
      throw .store(error)
    } catch let error as TrainingError {
      throw error
    } catch {
      preconditionFailure("\(error)")
    }
    try hand()
  }

  private func values(_ column: Int, _ rows: [RowReference]) throws(TrainingError) -> [UInt64] {
    var values = [UInt64](repeating: 0, count: rows.count)
    do {
      try values.withUnsafeMutableBytes { bytes in
        if let base = bytes.baseAddress {
          try embedding.table.read(embedding.table.spec.columns[column].name, rows, into: base)
        }
      }
    } catch let error as StoreError {
      throw .store(error)
    } catch {
      preconditionFailure("\(error)")
    }
    return values
  }

  private func norms(_ column: String, _ rows: [RowReference]) throws(TrainingError) -> [Double] {
    let values = try TrainingError.query { () throws(QueryError) in try embedding.values(column, rows) }
    let width = values.count / rows.count
    return rows.indices.map { row in
      values[row * width..<(row + 1) * width].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }
}
