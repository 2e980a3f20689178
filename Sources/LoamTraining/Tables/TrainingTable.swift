import LoamQuery
import LoamSchema
import LoamStore

/// One embedding table while it is trained: admits rows, hands them out, updates them.
///
/// The only owner of the table's `IDTableWriter`. One thread admits rows and begins steps; between, each shard may be
/// fetched from and updated by a thread of its own.
final class TrainingTable: RowSource {
  let layout: EmbeddingLayout
  let optimizer: TableOptimizerConfig
  let writer: IDTableWriter
  private let admission: Admission
  /// What rows begin with instead of a draw.
  let firstVectors: FirstVectors?
  /// Sum of ln(share kept) over all steps so far.
  private(set) var decayLog: Double
  /// The largest count of an ID's own row.
  private(set) var mostOccurrences: UInt64
  /// Whether the model reads how frequent IDs are.
  let countsOccurrences: Bool
  /// Of all rows so far, that of missing IDs left out: the sum of their counts.
  private var occurrences: UInt64 = 0
  private(set) var missing = RowReference.none
  private(set) var unknown = RowReference.none
  /// One a shard.
  let scratch: [ShardScratch]
  /// Positions of the IDs that are admitted now.
  private var fresh: [Int] = []
  /// What a step changes: each trained column and its optimizer's, last_step, count, and decay where there is one.
  let columns: [Int]

  /// - Parameters:
  ///   - decayLog: what the run had when it stopped; 0 for a new one.
  ///   - mostOccurrences: likewise.
  ///   - countsOccurrences: whether the model reads how frequent IDs are.
  ///   - anew: rows that the table has are those of another run, and go.
  init(
    _ table: TableDefinition, _ spec: TableSpec, _ optimizer: TableOptimizerConfig, write: Write, admission: Admission,
    decayLog: Double, mostOccurrences: UInt64 = 0, countsOccurrences: Bool = false, anew: Bool = false,
    firstVectors: FirstVectors? = nil
  ) throws(StoreError) {
    self.firstVectors = firstVectors
    self.optimizer = optimizer
    self.admission = admission
    self.decayLog = decayLog
    self.mostOccurrences = mostOccurrences
    self.countsOccurrences = countsOccurrences
    writer = try IDTableWriter(write, spec)
    layout = try EmbeddingLayout(writer.spec, table, optimizer: optimizer)
    columns =
      layout.trained.flatMap { [$0.index] + $0.slots } + [layout.lastStep, layout.count]
      + (layout.decay.map { [$0] } ?? [])
    scratch = (0..<write.base.shardCount).map { _ in ShardScratch() }
    if anew { try writer.removeAll() }
    if !anew, optimizer.touchesEveryRow || countsOccurrences { try readRows(IDTableReader(write.base, spec.name)) }
    for id in [ID.missing, ID.unknown] {
      let row = try writer.find(id)
      let found = row.isNone ? try insert(id) : row
      if id == .unknown { unknown = found } else { missing = found }
    }
  }

  /// What is known of the rows that the table begins with.
  private func readRows(_ reader: IDTableReader?) throws(StoreError) {
    guard let reader else { return }
    do {
      var count: UInt64 = 0
      try reader.forEachRow { row, id in
        if optimizer.touchesEveryRow { scratch[row.shard].add(row) }
        guard countsOccurrences, id != .missing else { return }
        try reader.read(layout.count, row, into: &count)
        occurrences += count
      }
    } catch {
      throw error as! StoreError
    }
  }

  var dimension: Int { layout.vector?.width ?? 0 }
  var rowCount: Int { writer.rowCount }
  var hasWeight: Bool { layout.weight != nil }

  /// The row of the ID; admits it where it has none and is frequent enough.
  func admit(_ id: ID) throws(StoreError) -> RowReference {
    let row = try writer.find(id)
    if !row.isNone { return row }
    return try admission.admits(id) ? try insert(id) : unknown
  }

  /// The same for many; an ID may occur twice.
  func admit(_ ids: [ID], into rows: inout [RowReference]) throws(StoreError) {
    let writer = writer
    try onRows(ids, &rows) { (ids, rows) throws(StoreError) in try writer.find(ids, into: rows) }
    fresh.removeAll(keepingCapacity: true)
    for index in ids.indices where rows[index].isNone {
      if try admission.admits(ids[index]) { fresh.append(index) } else { rows[index] = unknown }
    }
    if fresh.isEmpty { return }
    if optimizer.touchesEveryRow {
      for index in fresh { rows[index] = try admit(ids[index]) }
      return
    }
    try onRows(ids, &rows) { (ids, rows) throws(StoreError) in try writer.insertMissing(ids, into: rows) }
    guard preparesRows else { return }
    // Twice the same does a row no harm.
    for index in fresh {
      try writer.putEarlyIfFull(shard: rows[index].shard)
      try prepare(rows[index])
    }
  }

  /// The same rows as `lookUp` has.
  func lookUp(_ ids: [ID], into rows: inout [RowReference]) throws(StoreError) {
    let writer = writer
    try onRows(ids, &rows) { (ids, rows) throws(StoreError) in try writer.find(ids, into: rows) }
    for index in ids.indices where rows[index].isNone { rows[index] = unknown }
  }

  private func onRows(
    _ ids: [ID], _ rows: inout [RowReference],
    _ body: (UnsafeBufferPointer<ID>, UnsafeMutableBufferPointer<RowReference>) throws(StoreError) -> Void
  ) throws(StoreError) {
    try ids.withPointer { (ids) throws(StoreError) in
      let result = rows.withUnsafeMutableBufferPointer { rows -> Result<Void, StoreError> in
        do throws(StoreError) { return .success(try body(ids, rows)) } catch { return .failure(error) }
      }
      try result.get()
    }
  }

  /// The row of the ID, for evaluation: nothing is admitted.
  func lookUp(_ id: ID) throws(StoreError) -> RowReference {
    let row = try writer.find(id)
    return row.isNone ? unknown : row
  }

  private func insert(_ id: ID) throws(StoreError) -> RowReference {
    try writer.putEarlyIfFull()
    let row = try writer.findOrInsert(id)
    if optimizer.touchesEveryRow { scratch[row.shard].add(row) }
    try prepare(row)
    return row
  }

  /// Follows `noteOccurrences` of every shard: adds the step's occurrences, and returns those of all steps so far.
  func addOccurrences() -> UInt64 {
    occurrences = scratch.reduce(occurrences) { $0 + $1.occurrences }
    return occurrences
  }

  /// Counts a step's decay, which rows that are read or updated from now on owe, and its occurrences.
  func beginUpdate(_ step: TableStep) {
    decayLog += step.decayLog
    if optimizer.frequencyRate != nil {
      mostOccurrences = scratch.reduce(mostOccurrences) { max($0, $1.mostOccurrences) }
    }
  }
}
