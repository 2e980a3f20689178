import LoamQuery
import LoamSchema
import LoamStore

extension Trainer {
  /// A model begins with tables of its own: vectors that were imported under its name would be lost.
  func requireNoFrozenTable(_ latest: Snapshot) throws(TrainingError) {
    let model = try TrainingError.query { () throws(QueryError) in try ModelBlobs(latest, model: config.name) }
    if model != nil { return }
    let frozen = latest.tables.first {
      $0.kind == .embedding && $0.name.hasPrefix(config.name + "/")
        && latest.record.tables[$0.description]?.rows ?? 0 > 0
    }
    guard let frozen else { return }
    throw .training(
      .modelExists, "'\(config.name)' is the name of a frozen table, \(frozen.name)",
      hint: "Give the model another name.")
  }
}
