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
  private let plan: RowPlan

  init(_ store: Store, _ plan: RowPlan, _ options: IngestOptions) throws(StoreError) {
    self.plan = plan
    self.options = options
    let name = TableName(.log, options.log)
    let spaceSpecs = plan.spaces.map { SpaceTable.spec($0, log: options.log) }
    let timelineSpecs = plan.schema.timelines.map { TimelineTable.spec($0, plan.schema) }
    let latest = try store.snapshot()
    for spec in timelineSpecs { try TimelineTable.check(spec, latest.spec(spec.name)) }
    let pairSpecs = plan.schema.timelines.compactMap(TimelineTable.pairSpec)
    write = try store.begin([TableSpec(name)] + spaceSpecs + timelineSpecs + pairSpecs)
    log = try FeatureLogWriter(write, write.spec(name))
    for space in plan.spaces { spaces.append(try SpaceTable(write, space, log: options.log)) }
    for timeline in plan.schema.timelines { timelines.append(try TimelineTable(write, timeline, plan.schema)) }
  }

  var logRows: Int { log.rowCount }
  var sources: [LogSource] { log.sources }
  var newIDs: [String: Int] {
    Dictionary(uniqueKeysWithValues: zip(plan.spaces, spaces.map(\.newIDs)))
  }

  /// Publishes the builder's rows and the positions as one version, and goes on unless it is the last.
  func publish(_ builder: inout RowBuilder, _ sources: [LogSource], goOn: Bool) throws(StoreError) -> UInt64 {
    let group = builder.takeGroup()
    if group.rowCount > 0 && options.keepsRows { try log.append(group) }
    for timeline in timelines { try timeline.add(group) }
    log.sources = sources
    for index in spaces.indices { try spaces[index].add(builder.tallies[index]) }
    builder.clearTallies()
    try log.flush()
    for space in spaces { try space.flush() }
    for timeline in timelines { try timeline.flush() }
    let record = try write.publish(PublishOptions(note: options.note, goOn: goOn))
    if goOn { for space in spaces { try space.rebase() } }
    return record.version
  }

  func abandon() { write.abandon() }
}
