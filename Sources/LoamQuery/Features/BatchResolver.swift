import LoamStore

/// Turns raw batches into batches whose IDs are rows of tables.
///
/// ```swift
/// try resolver.resolve(raw, by: rows, into: &batch)                     // or, table by table, on several threads:
/// try pool.forEach(resolver.tableCount) { try resolver.resolve(table: $0, raw, by: rows) }
/// resolver.finish(raw, into: &batch)
/// ```
/// The raw batches of one reader go to one resolver.
public final class BatchResolver {
  private let tables: [TableResolver]

  /// - Parameter groupsByShard: rows of one shard stand side by side (`FeatureBatch.Rows.starts`), for training.
  public init(_ definition: ModelDefinition, groupsByShard: Bool = false) {
    tables = definition.tables.indices.map { TableResolver(definition, table: $0, groupsByShard: groupsByShard) }
  }

  public var tableCount: Int { tables.count }

  /// The part of the work that belongs to one table. Different tables may be resolved at once where `resolver` allows.
  public func resolve(table: Int, _ raw: RawBatch, by resolver: any RowResolver) throws(QueryError) {
    try tables[table].resolve(raw, by: resolver)
  }

  /// Fills the batch once all tables are resolved. The raw batch keeps the memory that the batch had.
  public func finish(_ raw: RawBatch, into batch: inout FeatureBatch) {
    batch.match(raw, tables: tables.count)
    batch.rowCount = raw.rowCount
    swap(&batch.labels, &raw.labels)
    swap(&batch.weights, &raw.weights)
    swap(&batch.dense, &raw.dense)
    for index in batch.fields.indices {
      swap(&batch.fields[index].offsets, &raw.fields[index].offsets)
      swap(&batch.fields[index].shares, &raw.fields[index].shares)
      swap(&batch.fields[index].actions, &raw.fields[index].actions)
      swap(&batch.fields[index].ages, &raw.fields[index].ages)
    }
    for table in tables { table.exchange(with: &batch) }
  }

  /// All tables, on this thread.
  public func resolve(_ raw: RawBatch, by resolver: any RowResolver, into batch: inout FeatureBatch)
    throws(QueryError)
  {
    for table in tables { try table.resolve(raw, by: resolver) }
    finish(raw, into: &batch)
  }
}

extension FeatureBatch {
  fileprivate mutating func match(_ raw: RawBatch, tables count: Int) {
    if fields.count == raw.fields.count, tables.count == count, labels.count == raw.labels.count { return }
    self = FeatureBatch()
    labels = raw.labels.map { _ in [] }
    fields = raw.fields.map { _ in Field() }
    tables = (0..<count).map { _ in Rows() }
  }
}
