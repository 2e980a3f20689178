import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining

/// The golden requests of a model on their way into a file.
struct GoldenExport {
  /// Of scores that are computed again: f32 sums in another order.
  static let tolerance = 1e-5
  let trained: TrainedModel
  let log: FeatureLogReader

  /// The first log that the model is validated on, else the first that it was trained on; `nil`: the version has none.
  static func log(_ snapshot: Snapshot, _ blobs: ModelBlobs) throws(ExportError) -> FeatureLogReader? {
    guard snapshot.tables.contains(where: { $0.kind == .log }) else { return nil }
    let config = try Exporter.reading("\(blobs.name)") { () throws(QueryError) in try blobs.config() }
    let logs = try Exporter.reading("the config of \(blobs.name)") { () throws(SchemaError) in
      try ModelConfig.logs(yaml: config)
    }
    for name in logs.validation + logs.train {
      let log = try Exporter.reading("log:\(name)") { () throws(StoreError) in
        try FeatureLogReader(snapshot, TableName(.log, name))
      }
      if let log, log.rowCount > 0 { return log }
    }
    return nil
  }

  /// The model with rows as the export has them, so that who reads it can find the same scores.
  private func scorer(_ form: RowForm) -> RowGroupScorer {
    RowGroupScorer(
      trained.model, trained.definition, tables: trained.tables.map { RoundedRows($0, form) },
      rows: StoredRows(trained.tables))
  }

  /// - Throws: `export.nonfinite`: a score is not finite, and the export does not allow it; where it does, no requests
  ///   are written.
  func write(
    in output: inout OutputDirectory, _ contents: [TableContent], _ manifest: inout ExportManifest,
    _ options: ExportOptions
  ) throws(ExportError) {
    let (definition, log) = (trained.definition, log)
    let form = options.storedRows
    let requests = try GoldenRequests(trained.snapshot, log: log, definition, count: options.goldenRequests)
    let scores = try Exporter.reading("\(log.spec.name)") { () throws(TrainingError) in
      try scorer(form).predictions(requests.group, place: "\(log.spec.name)")
    }
    guard scores.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      if options.allowsNonfinite { return }
      throw ExportError(
        .nonfinite, "model \(definition.name) gives a row of \(log.spec.name) a score that is not finite",
        hint: "The model diverged: export an earlier version, or train with a lower rate or a gradient clip.")
    }
    var tables: [GoldenTable] = []
    for (index, content) in contents.enumerated() {
      tables.append(try GoldenTable(content, ids: requests.ids(ofTable: index, definition), form))
    }
    let golden = GoldenFile(requests: requests, tables: tables, scores: scores)
    let digest = try golden.write(to: output.path(for: GoldenFile.name), definition, manifest.fileMetadata)
    manifest.add(GoldenFile.name, digest)
    manifest.golden = .init(
      file: GoldenFile.name, log: log.spec.name.name, rows: requests.rowCount, tolerance: Self.tolerance)
  }
}
