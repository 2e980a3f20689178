import LoamSchema
import LoamStore

extension EmbeddingReader {
  public struct Neighbour: Sendable, Equatable {
    public var id: ID
    public var cosine: Float
  }

  /// The admitted IDs whose vectors point most nearly where `vector` does, best first; equal ones by ID.
  ///
  /// Compares with every row: exact, and O(rows x dimension).
  ///
  /// - Parameter excluding: IDs that are not wanted, the asked one as a rule.
  public func nearest(to vector: [Float], count: Int, excluding: Set<ID> = []) throws(QueryError) -> [Neighbour] {
    precondition(vector.count == dimension, "a vector of \(dimension) elements")
    var rows: [RowReference] = []
    var ids: [ID] = []
    do {
      try table.forEachRow { row, id in
        if id <= ID.largest, !excluding.contains(id) {
          rows.append(row)
          ids.append(id)
        }
      }
    } catch let error as StoreError {
      throw .store(error)
    } catch {
      preconditionFailure("\(error)")
    }
    let length = Self.length(vector[...])
    var found: [Neighbour] = []
    for start in stride(from: 0, to: rows.count, by: 4_096) {
      let end = min(start + 4_096, rows.count)
      let values = try self.values("vector", Array(rows[start..<end]))
      for row in start..<end {
        let other = values[(row - start) * dimension..<(row - start + 1) * dimension]
        let product = zip(vector, other).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let lengths = length * Self.length(other)
        found.append(Neighbour(id: ids[row], cosine: lengths > 0 ? product / lengths : 0))
      }
    }
    found.sort { $0.cosine != $1.cosine ? $0.cosine > $1.cosine : $0.id < $1.id }
    return Array(found.prefix(count))
  }

  /// The nearest neighbours of an ID, itself left out; `nil` where the model never admitted it.
  public func nearest(to id: ID, count: Int) throws(QueryError) -> [Neighbour]? {
    guard let vector = try vector(of: id) else { return nil }
    return try nearest(to: vector, count: count, excluding: [id])
  }

  private static func length(_ values: ArraySlice<Float>) -> Float {
    values.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
  }
}
