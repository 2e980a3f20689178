import LoamModels
import LoamQuery
import LoamStore
import LoamTensor
import LoamTraining

/// Scores the golden requests of an export with the model that its files hold.
public struct Replay: Sendable {
  /// Requests that were scored again.
  public var rows: Int
  /// Between a score and its replay, as the tolerance counts: for numbers beyond 1 as a share of the number.
  public var largestDifference: Double
  public var tolerance: Double

  /// `nil`: the export has no golden requests.
  ///
  /// - Throws: `export.does-not-replay`: a score is off by more than the tolerance. `export.damaged`: a file is not what
  ///   manifest and definition say.
  static func run(_ directory: String, _ manifest: ExportManifest) throws(ExportError) -> Replay? {
    guard let golden = manifest.golden else { return nil }
    let definition = manifest.definition
    let file = try GoldenFile(at: "\(directory)/\(golden.file)", definition, rows: golden.rows)
    var tables: [GoldenTable] = []
    for (index, table) in definition.tables.enumerated() {
      let exported = manifest.tables.first { $0.space == table.space }
      let ids = file.requests.ids(ofTable: index, definition)
      tables.append(
        try exported.map { (entry) throws(ExportError) in try TableFile(directory, entry).rows(of: ids) }
          ?? file.tables[index])
    }
    let (model, rows) = (try network(directory, manifest), try GoldenRows(tables))
    let scorer = RowGroupScorer(model, definition, tables: tables, rows: rows)
    let found = try Exporter.reading(golden.file) { () throws(TrainingError) in
      try scorer.predictions(file.requests.group, place: golden.file)
    }
    return try compare(found, file.scores, definition, golden)
  }

  private static func compare(
    _ found: [[Float]], _ scores: [[Float]], _ definition: ModelDefinition, _ golden: ExportManifest.Golden
  ) throws(ExportError) -> Replay {
    var replay = Replay(rows: golden.rows, largestDifference: 0, tolerance: golden.tolerance)
    for (index, task) in definition.tasks.enumerated() {
      for (place, (a, b)) in zip(found[index], scores[index]).enumerated() {
        let difference = abs(Double(a) - Double(b)) / max(1, abs(Double(b)))
        guard difference <= golden.tolerance else {
          throw ExportError(
            .doesNotReplay,
            "request \(place / task.outputs) has the score \(b) for \(task.label), its replay \(a); "
              + "they may differ by \(golden.tolerance)",
            hint: "The files are not those of the model that was scored: export the version anew.")
        }
        replay.largestDifference = max(replay.largestDifference, difference)
      }
    }
    return replay
  }

  /// The model with the dense tensors of the export.
  private static func network(_ directory: String, _ manifest: ExportManifest) throws(ExportError) -> any Model {
    let model = try Exporter.reading("the definition") { () throws(TrainingError) in
      try manifest.definition.makeModel()
    }
    let tensors = model.parameters.map { ($0.name, $0.value) } + model.buffers.map { ($0.name, $0.tensor) }
    guard !tensors.isEmpty else { return model }
    guard let dense = manifest.dense else { throw ExportError(.damaged, "the dense tensors are missing") }
    let file = GoldenTensors(try SafetensorsReader(at: "\(directory)/\(dense.file)"))
    for (name, tensor) in tensors {
      let values: [Float] = try file.elements(name, .f32, tensor.shape.axes)
      _ = tensor.buffer.update(from: values)
    }
    return model
  }
}
