import LoamStore

/// Cuts row groups that come from a file into batches: what `FeatureReader` does for a log, without the log.
public final class RowGroupBatches {
  private let definition: ModelDefinition
  private let resolver: BatchResolver
  private let raw: RawBatch
  private let (room, memory) = (ColumnRoom(), WindowMemory())

  public init(_ definition: ModelDefinition) {
    self.definition = definition
    resolver = BatchResolver(definition)
    raw = RawBatch(definition)
  }

  /// Calls `body` with the rows of a group in order, `rowCount` at a time.
  public func forEach<E: Error>(
    _ group: RowGroup, _ rowCount: Int, place: String, by rows: any RowResolver,
    _ body: (FeatureBatch) throws(E) -> Void, failing: (QueryError) -> E
  ) throws(E) {
    var batch = FeatureBatch()
    let window: FeatureWindow
    do throws(QueryError) {
      window = try FeatureWindow(definition, [group], place: place, room: room, memory: memory)
    } catch {
      throw failing(error)
    }
    for start in stride(from: 0, to: group.rowCount, by: rowCount) {
      raw.begin()
      raw.append(start..<min(start + rowCount, group.rowCount), of: window)
      do throws(QueryError) { try resolver.resolve(raw, by: rows, into: &batch) } catch { throw failing(error) }
      try body(batch)
    }
  }
}
