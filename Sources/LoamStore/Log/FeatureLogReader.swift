import LoamSchema

/// Reads a feature log (`log:`) at one version, one row group at a time, only the columns asked for.
///
/// May be used from several threads.
public final class FeatureLogReader: Sendable {
  public let spec: TableSpec
  public let snapshot: Snapshot
  let meta: LogMeta

  /// `nil`: this version does not have the log.
  public init?(_ snapshot: Snapshot, _ name: TableName) throws(StoreError) {
    guard let spec = try snapshot.readableSpec(name) else { return nil }
    (self.snapshot, self.spec) = (snapshot, spec)
    meta = try LogMeta(snapshot, spec)
  }

  public var rowCount: Int { Int(meta.rows) }
  public var groupCount: Int { meta.groupCount }
  /// Of every group but the last.
  public var rowsPerGroup: Int { LogMeta.rowsPerGroup }
  public var columnNames: [String] { meta.columns.map(\.name).sorted() }
  public func hasColumn(_ name: String) -> Bool { meta.columns.contains { $0.name == name } }
  public var sources: [LogSource] { meta.sources }

  /// Of a real column; `nil` where it has none.
  public func statistics(_ column: String) -> ColumnStatistics? { meta.statistics[column] }

  /// Rows `index * rowsPerGroup` onward.
  ///
  /// - Parameter columns: `nil` for all. Values of a column that is younger than the group are missing.
  /// - Throws: `unknownColumn` for a name that the log never had.
  public func group(_ index: Int, columns: Set<String>? = nil) throws(StoreError) -> RowGroup {
    precondition((0..<groupCount).contains(index), "group \(index) of \(groupCount)")
    if let unknown = columns?.first(where: { name in !meta.columns.contains { $0.name == name } }) {
      throw StoreError(
        .unknownColumn, "\(spec.name) has no column \(unknown)",
        hint: "It has: \(columnNames.joined(separator: ", "))")
    }
    let rows = meta.rowCount(group: index)
    var group = RowGroup(rowCount: rows)
    for column in meta.columns where columns?.contains(column.name) ?? true {
      group.columns[column.name] = try self.column(column, index, rows)
    }
    return group
  }

  private func column(_ column: LogMeta.Column, _ group: Int, _ rows: Int) throws(StoreError) -> RowGroup.Column {
    let address = BlockAddress(table: spec.number, column: column.number, block: UInt64(group))
    guard let block = try snapshot.block(address, shard: group % snapshot.shardCount) else {
      return column.kind.missing(rows)
    }
    return try LogColumnEncoding.decode(
      try block.content(), kind: column.kind, rows: rows, place: "\(spec.name) column \(column.name) group \(group)")
  }

  /// The root computed from the stored rows: equal to the version's, or something is damaged.
  public func computeRoot() throws(StoreError) -> Root {
    var root = LogColumnRoot.ofRows(meta.rows)
    for index in 0..<groupCount {
      let group = try group(index)
      for (name, column) in group.columns {
        root &+= LogColumnRoot.sum(
          name, column, 0..<group.rowCount, first: UInt64(index) * UInt64(LogMeta.rowsPerGroup))
      }
    }
    return Root(root)
  }

  /// Decodes every group, and refuses blocks that no group has.
  public func check() throws(StoreError) {
    for index in 0..<groupCount { _ = try group(index) }
    for column in meta.columns {
      for shard in 0..<snapshot.shardCount {
        for block in try snapshot.blocks(table: spec.number, column: column.number, shard: shard)
        where block.address.block >= UInt64(groupCount) || Int(block.address.block) % snapshot.shardCount != shard {
          throw StoreError(.badBlock, "\(spec.name) column \(column.name): no group has block \(block.address.block)")
        }
      }
    }
  }
}
