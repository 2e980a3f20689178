import LoamQuery
import LoamSchema
import LoamStore

/// Rows for training: an ID that its table has not yet is admitted where it is frequent enough. Different tables may be
/// asked at once.
final class AdmittedRows: RowResolver {
  private let tables: [TrainingTable]
  init(_ tables: [TrainingTable]) { self.tables = tables }

  func row(of id: ID, table: Int) throws(QueryError) -> RowReference {
    try QueryError.passing { () throws(StoreError) in try tables[table].admit(id) }
  }

  func rows(of ids: [ID], table: Int, into rows: inout [RowReference]) throws(QueryError) {
    do throws(StoreError) { try tables[table].admit(ids, into: &rows) } catch { throw .store(error) }
  }
}

/// Rows for evaluation in the middle of training: nothing is admitted.
final class FixedRows: RowResolver {
  private let tables: [TrainingTable]
  init(_ tables: [TrainingTable]) { self.tables = tables }

  func row(of id: ID, table: Int) throws(QueryError) -> RowReference {
    try QueryError.passing { () throws(StoreError) in try tables[table].lookUp(id) }
  }

  func rows(of ids: [ID], table: Int, into rows: inout [RowReference]) throws(QueryError) {
    do throws(StoreError) { try tables[table].lookUp(ids, into: &rows) } catch { throw .store(error) }
  }
}
