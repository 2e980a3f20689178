import LoamQuery
import LoamSchema
import LoamStore

/// Removes the rows of an embedding table that are old, rare or small.
///
/// ```swift
/// let eviction = try Eviction(store, model: "ctr", space: "item", EvictionRule(olderThan: 50_000, countBelow: 3))
/// print(try eviction.look().trafficShare)
/// let report = try eviction.run()
/// ```
///
/// Older versions keep the rows. The slots serve the next new IDs; an ID that comes back begins with its initial row.
public struct Eviction {
  private let store: Store
  private let model: String
  private let space: String
  private let rule: EvictionRule
  /// Rows that are read together.
  private static let rowsAtOnce = 4_096

  /// - Throws: `training.bad-config` for a rule without conditions: it would empty the table.
  public init(_ store: Store, model: String, space: String, _ rule: EvictionRule) throws(TrainingError) {
    guard !rule.isEmpty else {
      throw .training(
        .badConfig, "an eviction without a condition would remove every row of \(model)/\(space)",
        hint: "Say what is to go: rows older than so many steps, counted less often, or of a smaller norm.")
    }
    (self.store, self.model, self.space, self.rule) = (store, model, space, rule)
  }

  private var name: TableName { TableName(.embedding, "\(model)/\(space)") }

  /// What an eviction from the latest version would take. Changes nothing.
  ///
  /// - Throws: `training.unknown-model`: there is no such table. `store.unknown-column`: it lacks what a condition asks
  ///   for.
  public func look() throws(TrainingError) -> EvictionReport {
    try scan(try TrainingError.store { () throws(StoreError) in try store.snapshot() }) { _ throws(StoreError) in }
  }

  /// Publishes a version without the rows. It has the table's lease meanwhile: `store.table-busy` where the model is
  /// being trained.
  public func run() throws(TrainingError) -> EvictionReport {
    let spec = try spec(try TrainingError.store { () throws(StoreError) in try store.snapshot() })
    let write = try TrainingError.store { () throws(StoreError) in try store.begin([spec]) }
    do {
      let writer = try TrainingError.store { () throws(StoreError) in try IDTableWriter(write, spec) }
      var report = try scan(write.base) { (id) throws(StoreError) in _ = try writer.remove(id) }
      guard report.rows > 0 else {
        write.abandon()
        return report
      }
      let rows = report.rows
      report.version = try TrainingError.store { () throws(StoreError) in
        try writer.flush()
        return try write.publish(PublishOptions(note: "evict \(rows) rows of \(model)/\(space)")).version
      }
      return report
    } catch {
      write.abandon()
      throw error
    }
  }

  private func spec(_ snapshot: Snapshot) throws(TrainingError) -> TableSpec {
    guard let spec = snapshot.spec(name) else {
      throw .training(
        .unknownModel, "version \(snapshot.record.version) has no embedding table \(model)/\(space)",
        hint: "The tables are shown by: loam stat \(store.path)")
    }
    return spec
  }

  /// Looks at every row; calls `body` with the IDs of those that are to go.
  private func scan(_ snapshot: Snapshot, _ body: (ID) throws(StoreError) -> Void) throws(TrainingError)
    -> EvictionReport
  {
    let spec = try spec(snapshot)
    guard
      let embedding = try TrainingError.query({ () throws(QueryError) in
        try EmbeddingReader(snapshot, model: model, space: space)
      })
    else { preconditionFailure("\(name) has a spec and no reader") }
    let rows = try EvictionRows(embedding, rule)
    let rowBytes = UInt64(spec.columns.reduce(8) { $0 + $1.stride })
    var report = EvictionReport()
    report.latestStep = try rows.latestStep()
    try rows.forEachPiece(Self.rowsAtOnce) { (piece) throws(TrainingError) in
      for (position, id) in piece.ids.enumerated() {
        let occurrences = piece.counts.isEmpty ? 0 : piece.counts[position]
        report.rowsOfTable += 1
        report.occurrencesOfTable += occurrences
        guard id != .missing, id != .unknown, piece.meets(rule, position, latestStep: report.latestStep) else {
          continue
        }
        report.rows += 1
        report.occurrences += occurrences
        try TrainingError.store { () throws(StoreError) in try body(id) }
      }
    }
    (report.bytes, report.bytesOfTable) = (report.rows * rowBytes, report.rowsOfTable * rowBytes)
    return report
  }
}
