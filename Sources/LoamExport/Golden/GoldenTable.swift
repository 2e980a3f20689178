import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining

/// The rows of one table that some requests read, in memory.
final class GoldenTable: RowSource {
  let space: String
  /// Ascending.
  let ids: [ID]
  let dimension: Int
  let hasWeight: Bool
  /// `[ids, dimension]`
  let rows: [Float]
  /// `[ids]`
  let weights: [Float]

  init(space: String, ids: [ID], dimension: Int, rows: [Float], weights: [Float]?) {
    (self.space, self.ids, self.dimension, self.rows) = (space, ids, dimension, rows)
    hasWeight = weights != nil
    self.weights = weights ?? []
  }

  /// The rows of those IDs that the table has.
  ///
  /// - Parameter form: of the vectors.
  convenience init(_ content: TableContent, ids wanted: [ID], _ form: RowForm) throws(ExportError) {
    let positions = wanted.compactMap { content.position(of: $0) }
    self.init(
      space: content.space, ids: positions.map { content.ids[$0] }, dimension: content.dimension,
      rows: content.dimension > 0
        ? form.rounded(try content.values(of: "vector", at: positions), width: content.dimension) : [],
      weights: content.hasWeight ? try content.values(of: "weight", at: positions) : nil)
  }

  func position(of id: ID) -> Int? {
    let position = ids.partitioningIndex { $0 >= id }
    return position < ids.count && ids[position] == id ? position : nil
  }

  func fetch(
    _ references: [RowReference], vectors: UnsafeMutablePointer<Float>?, weights out: UnsafeMutablePointer<Float>?
  ) {
    for (place, reference) in references.enumerated() {
      let row = Int(reference.packed)
      if let vectors {
        for element in 0..<dimension { vectors[place * dimension + element] = rows[row * dimension + element] }
      }
      if let out { out[place] = weights[row] }
    }
  }
}

/// Finds rows in tables in memory, as a model of the store does in its own.
final class GoldenRows: RowResolver {
  private let tables: [GoldenTable]
  /// Of IDs that a table has not.
  private let unknown: [RowReference]

  /// - Throws: `export.damaged`: a table lacks the rows of the reserved IDs.
  init(_ tables: [GoldenTable]) throws(ExportError) {
    self.tables = tables
    var unknown: [RowReference] = []
    for table in tables {
      guard let row = table.position(of: .unknown), table.position(of: .missing) != nil else {
        throw ExportError(.damaged, "the table \(table.space) has no rows for missing and unknown IDs")
      }
      unknown.append(RowReference(packed: UInt64(row)))
    }
    self.unknown = unknown
  }

  func row(of id: ID, table: Int) -> RowReference {
    tables[table].position(of: id).map { RowReference(packed: UInt64($0)) } ?? unknown[table]
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element holds, where all after it hold too.
  func partitioningIndex(where holds: (Element) throws -> Bool) rethrows -> Int {
    var range = startIndex..<endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if try holds(self[middle]) { range = range.lowerBound..<middle } else { range = middle + 1..<range.upperBound }
    }
    return range.lowerBound
  }
}
