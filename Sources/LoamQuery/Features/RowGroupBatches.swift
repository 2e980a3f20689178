import LoamStore

/// Cuts row groups that come from a file into batches: what `FeatureReader` does for a log, without the log.
public final class RowGroupBatches {
  private let window: FeatureWindow

  public init(_ definition: ModelDefinition) { window = FeatureWindow(definition) }

  /// Calls `body` with the rows of a group in order, `rowCount` at a time.
  public func forEach<E: Error>(
    _ group: RowGroup, _ rowCount: Int, place: String, by resolver: any RowResolver,
    _ body: (FeatureBatch) throws(E) -> Void, failing: (QueryError) -> E
  ) throws(E) {
    var batch = FeatureBatch()
    do throws(QueryError) { try window.load([group], place: place) } catch { throw failing(error) }
    let rows = Array(0..<UInt32(group.rowCount))
    for start in stride(from: 0, to: rows.count, by: rowCount) {
      do throws(QueryError) {
        window.begin(&batch)
        defer { window.end(batch) }
        try window.append(rows[start..<min(start + rowCount, rows.count)], to: &batch, by: resolver)
      } catch {
        throw failing(error)
      }
      try body(batch)
    }
  }
}
