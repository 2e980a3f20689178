import LoamSchema

/// Appends rows to a feature log within a write.
///
/// Full groups are put as soon as there are some (nobody sees them before the publish), so memory stays bounded however
/// many rows one version brings. After a publish that goes on, the writer goes on too.
public final class FeatureLogWriter {
  public let spec: TableSpec
  public let write: Write
  var meta: LogMeta
  private var tail: [String: LogColumnBuilder] = [:]
  private var tailRows = 0
  private var tailChanged = false
  var full: [BlockBatch] = []
  /// Behind blocks of `full`.
  var packedContents: [OwnedBytes] = []
  var delta: UInt128 = 0
  /// Of the base: `delta` is counted from it.
  private var baseRows: UInt64
  private var stamp: Stamp

  /// Encoded groups that may wait for their put.
  private static let waitingBytesMax = 32 << 20

  public init(_ write: Write, _ spec: TableSpec) throws(StoreError) {
    self.write = write
    self.spec = write.spec(spec.name)
    meta = try LogMeta(write.base, self.spec)
    baseRows = meta.rows
    stamp = write.stamp
    full = (0..<write.base.shardCount).map { _ in BlockBatch() }
    if meta.rows % UInt64(LogMeta.rowsPerGroup) != 0 { try loadTail() }
  }

  /// Rows stored, those of this write included.
  public var rowCount: Int { Int(meta.rows) }

  /// How far each input was read. Stored by `flush`.
  public var sources: [LogSource] {
    get { meta.sources }
    set { meta.sources = newValue }
  }

  private func loadTail() throws(StoreError) {
    guard let reader = try FeatureLogReader(write.base, spec.name) else { return }
    let group = try reader.group(reader.groupCount - 1)
    tailRows = group.rowCount
    for column in meta.columns {
      var builder = LogColumnBuilder(column.kind)
      var translation: [UInt32] = []
      builder.append(group.columns[column.name]!, 0..<tailRows, translation: &translation)
      tail[column.name] = builder
    }
  }

  /// A publish has made what was counted the base.
  func followWrite() {
    guard stamp != write.stamp else { return }
    (stamp, delta, baseRows) = (write.stamp, 0, meta.rows)
  }

  /// Appends rows. Columns that the log does not know are added; those that `rows` lacks are missing in them.
  ///
  /// - Throws: `mismatch` where a column is of another kind than in the log; nothing is appended then.
  public func append(_ rows: RowGroup) throws(StoreError) {
    followWrite()
    try register(rows)
    var at = 0
    while at < rows.rowCount {
      let count = min(LogMeta.rowsPerGroup - tailRows, rows.rowCount - at)
      for column in meta.columns { append(column.name, rows.columns[column.name], at..<at + count) }
      at += count
      tailRows += count
      meta.rows += UInt64(count)
      tailChanged = true
      if tailRows == LogMeta.rowsPerGroup { try finishGroup() }
    }
  }

  func register(_ rows: RowGroup) throws(StoreError) {
    for (name, column) in rows.columns {
      precondition(column.rowCount == rows.rowCount, "column \(name) has \(column.rowCount) of \(rows.rowCount) rows")
      if case .ids(let ids) = column {
        precondition(ids.offsets != nil || ids.weights == nil, "column \(name): weights ask for offsets")
      }
      let kind = LogColumnKind(column)
      if let known = meta.columns.first(where: { $0.name == name }), known.kind != kind {
        throw StoreError(
          .mismatch, "\(spec.name) has column \(name) of kind \(known.kind.rawValue), not \(kind.rawValue)")
      }
    }
    for (name, column) in rows.columns.sorted(by: { $0.key < $1.key }) where tail[name] == nil {
      let kind = LogColumnKind(column)
      tail[name] = LogColumnBuilder(kind, missing: tailRows)
      if !meta.columns.contains(where: { $0.name == name }) {
        let number = (meta.columns.map(\.number).max() ?? LogMeta.firstColumn - 1) + 1
        meta.columns.append(LogMeta.Column(name: name, number: number, kind: kind))
      }
    }
    for column in meta.columns where tail[column.name] == nil {
      tail[column.name] = LogColumnBuilder(column.kind, missing: tailRows)
    }
  }

  private func append(_ name: String, _ column: RowGroup.Column?, _ rows: Range<Int>) {
    guard let column else {
      tail[name]!.appendMissing(rows.count)
      return
    }
    var translation: [UInt32] = []
    tail[name]!.append(column, rows, translation: &translation)
    delta &+= LogColumnRoot.sum(
      name, tail[name]!.column, tailRows..<tailRows + rows.count, first: meta.rows - UInt64(tailRows))
    if case .real(let values) = column {
      var statistics = meta.statistics[name] ?? ColumnStatistics()
      for value in values[rows] { statistics.add(value) }
      meta.statistics[name] = statistics
    }
  }

  private func finishGroup() throws(StoreError) {
    try encodeTail()
    tail = tail.mapValues { LogColumnBuilder($0.kind) }
    tailRows = 0
    if full.reduce(0, { $0 + $1.bytes }) > Self.waitingBytesMax { try putFull() }
  }

  private func encodeTail() throws(StoreError) {
    let group = (Int(meta.rows) - 1) / LogMeta.rowsPerGroup
    for column in meta.columns where !tail[column.name]!.isMissing {
      let content = try LogColumnEncoding.encode(tail[column.name]!.column, column.name, of: spec.name)
      full[group % full.count].append(
        content, at: BlockAddress(table: spec.number, column: column.number, block: UInt64(group)), rows: tailRows)
    }
    tailChanged = false
  }

  private func putFull() throws(StoreError) {
    try Parallel.forEach(full.count, threads: full.count) { shard throws(StoreError) in try putWaiting(shard: shard) }
    forgetPut()
  }

  /// Puts what is left and gives the write the log's root. May be repeated before the publish.
  public func flush() throws(StoreError) {
    followWrite()
    if tailChanged { try encodeTail() }
    full[0].append(meta.bytes, at: LogMeta.address(spec.number), rows: 1)
    try putFull()
    let rows = LogColumnRoot.ofRows(meta.rows) &- LogColumnRoot.ofRows(baseRows)
    write.setRoot(spec.name, delta: delta &+ rows, rows: meta.rows)
  }
}
