import LoamSchema
import LoamStore

/// The open write of an ingest: everything that one batch changes, published together.
///
/// ```
///   row group ─▶ log:NAME      tallies ─▶ ids:SPACE      events ─▶ timeline:NAME      positions ─▶ the log's sources
/// ```
final class IngestWrite {
  private let write: Write
  private let options: IngestOptions
  private let log: FeatureLogWriter
  private var spaces: [SpaceTable] = []
  private var timelines: [TimelineTable] = []
  private let keys: RowKeyWriter?
  private let plan: RowPlan

  init(_ store: Store, _ plan: RowPlan, _ options: IngestOptions) throws(StoreError) {
    self.plan = plan
    self.options = options
    let name = TableName(.log, options.log)
    let spaceSpecs = plan.spaces.map { SpaceTable.spec($0, log: options.log) }
    let timelineSpecs = plan.schema.timelines.map { TimelineTable.spec($0, plan.schema) }
    let latest = try store.snapshot()
    for space in plan.spaces { try EstimatedSpace.check(space, plan, log: options.log, latest) }
    for spec in timelineSpecs { try TimelineTable.check(spec, latest.spec(spec.name)) }
    let pairSpecs = plan.schema.timelines.compactMap(TimelineTable.pairSpec)
    let sketchSpecs = plan.spaces.compactMap { EstimatedSpace.spec($0, plan, log: options.log) }
    let keySpecs = plan.rowKey.isEmpty ? [] : [TableSpec.keys(log: options.log)]
    write = try store.begin([TableSpec(name)] + spaceSpecs + timelineSpecs + pairSpecs + keySpecs + sketchSpecs)
    if let bytes = options.dirtyBytesMax { write.dirtyBytesMax = bytes }
    log = try FeatureLogWriter(write, write.spec(name))
    keys = plan.rowKey.isEmpty ? nil : try RowKeyWriter(write, log: options.log)
    for space in plan.spaces { spaces.append(try SpaceTable(write, space, plan, log: options.log)) }
    for timeline in plan.schema.timelines { timelines.append(try TimelineTable(write, timeline, plan.schema)) }
  }

  var logRows: Int { log.rowCount }
  var sources: [LogSource] { log.sources }
  var newIDs: [String: Int] {
    Dictionary(uniqueKeysWithValues: zip(plan.spaces, spaces.map(\.newIDs)))
  }

  /// For each row of the chunks, in their order, whether it is to be left out: the log has met its key. From now on it has
  /// met them all. `nil` for a chunk of which no row is.
  func repeated(_ chunks: [ParsedChunk]) throws(StoreError) -> [[Bool]?] {
    guard let keys else { return chunks.map { _ in nil } }
    var repeated: [[Bool]?] = []
    for chunk in chunks {
      let isNew = try keys.insert(chunk.keys)
      repeated.append(isNew.allSatisfy(\.self) ? nil : isNew.map(!))
    }
    return repeated
  }

  /// Adds the rows of chunks, in their order; `alongside` runs beside that work.
  func add(_ chunks: [ParsedChunk], alongside: () -> Void) throws(StoreError) {
    var firstRow = Int64(logRows)
    var offsets: [Int64] = []
    for chunk in chunks {
      offsets.append(plan.eventTime == nil ? firstRow : 0)
      if options.keepsRows { firstRow += Int64(chunk.group.rowCount) }
    }
    for timeline in timelines { for chunk in chunks { try timeline.add(chunk.group) } }
    let groups = options.keepsRows ? chunks.map(\.group).filter { $0.rowCount > 0 } : []
    // What completes a begun group comes first; what begins one comes last.
    var start = 0
    while start < groups.count, log.rowsOfNextGroup > 0 || !isWhole(groups[start]) {
      try log.append(groups[start])
      start += 1
    }
    var end = start
    while end < groups.count, isWhole(groups[end]) { end += 1 }
    try work(chunks, offsets, groups[start..<end], alongside)
    for group in groups[end...] { try log.append(group) }
  }

  private func isWhole(_ group: RowGroup) -> Bool { group.rowCount == FeatureLogWriter.rowsPerGroup }

  /// Counts, packs and puts on all threads at once.
  private func work(
    _ chunks: [ParsedChunk], _ offsets: [Int64], _ whole: ArraySlice<RowGroup>, _ alongside: () -> Void
  ) throws(StoreError) {
    let packing = whole.isEmpty ? nil : try log.packing(Array(whole))
    let (columns, shards) = (packing?.columnCount ?? 0, log.waitingBytes > Self.waitingBytesMax ? log.shardCount : 0)
    let spaceCount = spaces.count
    try spaces.withUnsafeMutableBufferPointer { spaces throws(StoreError) in
      // Each space is one task's alone.
      nonisolated(unsafe) let spaces = spaces
      try Parallel.forEach(1 + shards + spaceCount + columns, threads: options.threads) { task throws(StoreError) in
        if task == 0 {
          alongside()
        } else if task <= shards {
          try log.putWaiting(shard: task - 1)
        } else if task <= shards + spaceCount {
          let space = task - 1 - shards
          for (chunk, offset) in zip(chunks, offsets) where !chunk.tallies.isEmpty {
            try spaces[space].add(chunk, chunk.tallies[space], timeOffset: offset)
          }
        } else {
          try packing?.pack(task - 1 - shards - spaceCount)
        }
      }
    }
    if shards > 0 { log.forgetPut() }
    if let packing { try log.append(packing) }
  }

  /// Packed groups that may wait for their put.
  private static let waitingBytesMax = 64 << 20

  /// Publishes what was added and the positions as one version, and goes on unless it is the last.
  func publish(_ sources: [LogSource], goOn: Bool) throws(StoreError) -> UInt64 {
    log.sources = sources
    try log.flush()
    try IDTableWriter.flush(spaces.flatMap(\.tables) + (keys.map { [$0.table] } ?? []), threads: options.threads)
    for timeline in timelines { try timeline.flush() }
    let record = try write.publish(PublishOptions(note: options.note, goOn: goOn))
    if goOn {
      try keys?.table.rebase()
      try Parallel.forEach(spaces.count, threads: options.threads) { space throws(StoreError) in
        try spaces[space].rebase()
      }
    }
    return record.version
  }

  func abandon() { write.abandon() }
}
