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
  let shards: [ShardRows]

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
    shards = (0..<write.base.shardCount).map { _ in ShardRows() }
    if optimizer.touchesEveryRow, let reader = try IDTableReader(write.base, spec.name) {
      do {
        try reader.forEachRow { row, _ in shards[row.shard].every.append(row) }
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

  /// The row of the ID, for evaluation: nothing is admitted.
  func lookUp(_ id: ID) throws(StoreError) -> RowReference {
    let row = try writer.find(id)
    return row.isNone ? unknown : row
  }

  private func insert(_ id: ID) throws(StoreError) -> RowReference {
    let row = try writer.findOrInsert(id)
    if optimizer.touchesEveryRow { shards[row.shard].every.append(row) }
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
