import LoamSchema
import LoamStore

/// Finds the row that a model reads for an ID. Training admits new IDs; everything else looks up what was admitted.
public protocol RowResolver: AnyObject {
  /// The row of the ID, of `ID.unknown` where the model never admitted it, or of `ID.missing`. Never `.none`.
  func row(of id: ID, table: Int) throws(QueryError) -> RowReference
  /// The rows of many IDs; an ID may occur twice.
  func rows(of ids: [ID], table: Int, into rows: inout [RowReference]) throws(QueryError)
}

extension RowResolver {
  public func rows(of ids: [ID], table: Int, into rows: inout [RowReference]) throws(QueryError) {
    for (index, id) in ids.enumerated() { rows[index] = try row(of: id, table: table) }
  }
}

/// Rows of a version, for evaluation and prediction.
public final class StoredRows: RowResolver {
  private let tables: [EmbeddingReader]

  public init(_ tables: [EmbeddingReader]) { self.tables = tables }

  public func row(of id: ID, table: Int) throws(QueryError) -> RowReference { try tables[table].row(of: id) }
}
