import LoamSchema

/// Whole row groups on their way into a log, packed column by column by as many threads as one likes.
///
/// ```swift
/// let packing = try log.packing(groups)
/// try Parallel.forEach(packing.columnCount, threads: 2) { column throws(StoreError) in try packing.pack(column) }
/// try log.append(packing)
/// ```
public final class LogPacking: @unchecked Sendable {
  // Each place of `packed` is written by the one thread that packs its column.
  struct PackedColumn {
    var blocks: [PendingBlock]
    var contents: [OwnedBytes]
    var root: UInt128
    var statistics: ColumnStatistics?
  }
  let groups: [RowGroup]
  private let columns: [LogMeta.Column]
  private let statistics: [String: ColumnStatistics]
  private let log: TableSpec
  private let firstGroup: Int
  private let packed: UnsafeMutablePointer<PackedColumn?>

  /// - Parameter firstGroup: number of the first of the groups in the log.
  init(_ groups: [RowGroup], _ log: TableSpec, _ meta: LogMeta, firstGroup: Int) {
    (self.groups, self.log, self.firstGroup) = (groups, log, firstGroup)
    (columns, statistics) = (meta.columns, meta.statistics)
    packed = .allocate(capacity: meta.columns.count)
    packed.initialize(repeating: nil, count: meta.columns.count)
  }

  deinit {
    packed.deinitialize(count: columns.count)
    packed.deallocate()
  }

  public var columnCount: Int { columns.count }

  /// Encodes, compresses and hashes a column of all groups. To be called once for each column, by any thread.
  public func pack(_ index: Int) throws(StoreError) {
    let column = columns[index]
    var result = PackedColumn(blocks: [], contents: [], root: 0, statistics: statistics[column.name])
    for (place, group) in groups.enumerated() {
      guard let values = group.columns[column.name] else { continue }
      let number = firstGroup + place
      result.root &+= LogColumnRoot.sum(
        column.name, values, 0..<group.rowCount, first: UInt64(number) * UInt64(LogMeta.rowsPerGroup))
      if case .real(let reals) = values {
        var sums = result.statistics ?? ColumnStatistics()
        for value in reals { sums.add(value) }
        result.statistics = sums
      }
      if values.isMissing { continue }
      let content = OwnedBytes(try LogColumnEncoding.encode(values, column.name, of: log.name))
      let address = BlockAddress(table: log.number, column: column.number, block: UInt64(number))
      var block = PendingBlock(address, codec: .zstd, rows: group.rowCount, content: content.bytes)
      block.encoded = EncodedBlock(block)
      result.blocks.append(block)
      result.contents.append(content)
    }
    packed[index] = result
  }

  /// The columns in their order, with what was packed of each.
  func forEach(_ body: (String, PackedColumn) -> Void) {
    for (index, column) in columns.enumerated() {
      guard let result = packed[index] else { preconditionFailure("column \(column.name) was not packed") }
      body(column.name, result)
    }
  }
}

extension FeatureLogWriter {
  /// Rows of a group: whole ones can be packed by several threads.
  public static var rowsPerGroup: Int { LogMeta.rowsPerGroup }

  /// Rows that the next group begins with: those of a version that ended in the middle of a group.
  public var rowsOfNextGroup: Int { Int(meta.rows % UInt64(LogMeta.rowsPerGroup)) }

  /// Begins to append whole groups, each of `rowsPerGroup` rows, to a log without a begun group.
  ///
  /// The codes of their IDs must be in order of first appearance, without gaps, and no ID the reserved one.
  /// - Throws: `mismatch` where a column is of another kind than in the log.
  public func packing(_ groups: [RowGroup]) throws(StoreError) -> LogPacking {
    followWrite()
    precondition(rowsOfNextGroup == 0 && groups.allSatisfy { $0.rowCount == LogMeta.rowsPerGroup })
    for group in groups { try register(group) }
    return LogPacking(groups, spec, meta, firstGroup: Int(meta.rows) / LogMeta.rowsPerGroup)
  }

  /// Appends what was packed; nothing else may have been appended since `packing`.
  public func append(_ packing: LogPacking) throws(StoreError) {
    packing.forEach { name, packed in
      delta &+= packed.root
      if let statistics = packed.statistics { meta.statistics[name] = statistics }
      for block in packed.blocks { full[Int(block.address.block) % full.count].append([block]) }
      for content in packed.contents { packedContents.append(content) }
    }
    meta.rows += UInt64(packing.groups.count * LogMeta.rowsPerGroup)
  }

  /// Bytes of groups that wait for their put.
  public var waitingBytes: Int { full.reduce(0) { $0 + $1.bytes } }

  /// Shards to be put to.
  public var shardCount: Int { full.count }

  /// Puts what waits for a shard. Different shards by different threads; nothing is appended meanwhile.
  public func putWaiting(shard: Int) throws(StoreError) { try full[shard].put(write, shard: shard) }

  /// To be called once all shards were put.
  public func forgetPut() { packedContents = [] }
}
