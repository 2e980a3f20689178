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
  /// Sum of ln(share kept) over all steps so far.
  private(set) var decayLog: Double
  private var unknown = RowReference.none
  /// One a shard.
  let scratch: [ShardScratch]
  /// What a step changes: each trained column and its optimizer's, last_step, count, and decay where there is one.
  let columns: [Int]

  /// - Parameter decayLog: what the run had when it stopped; 0 for a new one.
  init(
    _ table: TableDefinition, _ spec: TableSpec, _ optimizer: TableOptimizerConfig, write: Write, admission: Admission,
    decayLog: Double
  ) throws(StoreError) {
    self.optimizer = optimizer
    self.admission = admission
    self.decayLog = decayLog
    writer = try IDTableWriter(write, spec)
    layout = try EmbeddingLayout(writer.spec, table, optimizer: optimizer)
    columns =
      layout.trained.flatMap { [$0.index] + $0.slots } + [layout.lastStep, layout.count]
      + (layout.decay.map { [$0] } ?? [])
    scratch = (0..<write.base.shardCount).map { _ in ShardScratch() }
    if optimizer.touchesEveryRow, let reader = try IDTableReader(write.base, spec.name) {
      do {
        try reader.forEachRow { row, _ in scratch[row.shard].every.append(row) }
      } catch {
        throw error as! StoreError
      }
    }
    for id in [ID.missing, ID.unknown] {
      let row = try writer.find(id)
      let found = row.isNone ? try insert(id) : row
      if id == .unknown { unknown = found }
    }
  }

  var dimension: Int { layout.vector?.width ?? 0 }
  var hasWeight: Bool { layout.weight != nil }

  /// The row of the ID; admits it where it has none and is frequent enough.
  func admit(_ id: ID) throws(StoreError) -> RowReference {
    let row = try writer.find(id)
    if !row.isNone { return row }
    return try admission.admits(id) ? try insert(id) : unknown
  }

  func admit(_ ids: [ID], into rows: inout [RowReference]) throws(StoreError) {
    try find(ids, into: &rows)
    for index in ids.indices where rows[index].isNone { rows[index] = try admit(ids[index]) }
  }

  /// The same rows as `lookUp` has.
  func lookUp(_ ids: [ID], into rows: inout [RowReference]) throws(StoreError) {
    try find(ids, into: &rows)
    for index in ids.indices where rows[index].isNone { rows[index] = unknown }
  }

  private func find(_ ids: [ID], into rows: inout [RowReference]) throws(StoreError) {
    let writer = writer
    try ids.withPointer { (ids) throws(StoreError) in
      let result = rows.withUnsafeMutableBufferPointer { rows -> Result<Void, StoreError> in
        do throws(StoreError) { return .success(try writer.find(ids, into: rows)) } catch { return .failure(error) }
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
    let row = try writer.findOrInsert(id)
    if optimizer.touchesEveryRow { scratch[row.shard].every.append(row) }
    if let decay = layout.decay, decayLog != 0 {
      try writer.mutableRow(decay, row).storeBytes(of: decayLog, as: Double.self)
    }
    if optimizer.initialAccumulator > 0 {
      for column in layout.trained {
        for slot in column.slots {
          let start = try writer.mutableRow(slot, row).assumingMemoryBound(to: Float.self)
          start.update(repeating: Float(optimizer.initialAccumulator), count: writer.spec.columns[slot].width)
        }
      }
    }
    return row
  }

  /// Counts a step's decay: rows that are read or updated from now on owe it.
  func beginUpdate(_ step: TableStep) { decayLog += step.decayLog }
}
