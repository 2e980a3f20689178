import LoamQuery
import LoamSchema
import LoamStore

/// One embedding table while it is trained: admits rows, hands them out, updates them.
///
/// The only owner of the table's `IDTableWriter`. One thread.
final class TrainingTable: RowSource {
  let layout: EmbeddingLayout
  let optimizer: TableOptimizerConfig
  let writer: IDTableWriter
  private let admission: Admission
  /// Sum of ln(share kept) over all steps so far.
  private(set) var decayLog: Double
  private var unknown = RowReference.none
  /// Every row, where each step touches all of them.
  private var rows: [RowReference] = []
  private let touched = RowTouches()

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
    if optimizer.touchesEveryRow, let reader = try IDTableReader(write.base, spec.name) {
      do { try reader.forEachRow { row, _ in rows.append(row) } } catch { throw error as! StoreError }
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
    if optimizer.touchesEveryRow { rows.append(row) }
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

  func fetch(
    _ rows: [RowReference], vectors: UnsafeMutablePointer<Float>?, weights: UnsafeMutablePointer<Float>?
  ) throws(QueryError) {
    for (position, row) in rows.enumerated() {
      try QueryError.passing { () throws(StoreError) in
        let factor = try factor(row)
        if let vectors, let column = layout.vector {
          try copy(column, row, to: vectors + position * column.width, factor)
        }
        if let weights, let column = layout.weight { try copy(column, row, to: weights + position, factor) }
      }
    }
  }

  @inline(__always)
  private func copy(
    _ column: EmbeddingLayout.Column, _ row: RowReference, to place: UnsafeMutablePointer<Float>, _ factor: Float
  ) throws(StoreError) {
    let from = try writer.row(column.index, row).assumingMemoryBound(to: Float.self)
    place.update(from: from, count: column.width)
    EmbeddingReader.settle(place, column.width, factor)
  }

  @inline(__always)
  private func factor(_ row: RowReference) throws(StoreError) -> Float {
    guard let decay = layout.decay else { return 1 }
    return EmbeddingReader.factor(now: decayLog, row: try writer.row(decay, row).load(as: Double.self))
  }

  /// One step: `vectors` and `weights` are the summed gradients of the batch's distinct rows, in their order.
  func update(
    _ batch: FeatureBatch.Rows, vectors: UnsafePointer<Float>?, weights: UnsafePointer<Float>?, _ step: TableStep
  ) throws(StoreError) {
    decayLog += step.decayLog
    touched.begin(batch.references, every: optimizer.touchesEveryRow ? rows : nil)
    let keep = try takeDecay()
    if let column = layout.vector { try update(column, vectors!, keep, step) }
    if let column = layout.weight { try update(column, weights!, keep, step) }
    for (position, row) in batch.references.enumerated() {
      try writer.mutableRow(layout.lastStep, row).storeBytes(of: step.number, as: UInt64.self)
      let count = try writer.mutableRow(layout.count, row).assumingMemoryBound(to: UInt64.self)
      count.pointee += UInt64(batch.occurrences[position])
    }
  }

  /// The decay due to each row that is touched, this step's included, after which none is due.
  private func takeDecay() throws(StoreError) -> [Float]? {
    guard let decay = layout.decay else { return nil }
    var keep: [Float] = []
    keep.reserveCapacity(touched.rows.count)
    for row in touched.rows {
      let stored = try writer.mutableRow(decay, row).assumingMemoryBound(to: Double.self)
      keep.append(EmbeddingReader.factor(now: decayLog, row: stored.pointee))
      stored.pointee = decayLog
    }
    return keep
  }

  private func update(
    _ column: EmbeddingLayout.Column, _ gradients: UnsafePointer<Float>, _ keep: [Float]?, _ step: TableStep
  ) throws(StoreError) {
    step.update(
      width: column.width, weights: try pointers(column.index),
      gradients: touched.gradients(gradients, width: column.width), keep: keep,
      slots: try column.slots.map { slot throws(StoreError) in try pointers(slot) })
  }

  private func pointers(_ column: Int) throws(StoreError) -> [UnsafeMutablePointer<Float>?] {
    var pointers: [UnsafeMutablePointer<Float>?] = []
    pointers.reserveCapacity(touched.rows.count)
    for row in touched.rows {
      pointers.append(try writer.mutableRow(column, row).assumingMemoryBound(to: Float.self))
    }
    return pointers
  }
}
