import Foundation
import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining

/// Writes one model of one version into a directory that every tool with a safetensors reader can open.
///
/// ```
///   DIR/README.md                   model card
///   DIR/manifest.json               lineage, schema, config, metrics; length and SHA-256 of each other file
///   DIR/dense.safetensors           dense tensors, where the model has any
///   DIR/golden.safetensors          requests from the validation log, with the scores that the model gave them
///   DIR/table.SPACE.safetensors     safetensors: ids, rows, weight, dictionary.bytes, dictionary.offsets
///   DIR/network.onnx                onnx: the model as a graph, vectors in
///   DIR/model.onnx                  onnx: the model and its tables as a graph, IDs in
/// ```
///
/// A snapshot is one instant, so training and ingest may go on meanwhile. Rows come in ascending order of ID: the files
/// are the same whatever the number of shards and the order of arrival.
///
/// ```swift
/// let manifest = try Exporter.export(store.snapshot(at: .name("best")), model: "ctr", to: "ctr-best")
/// ```
public enum Exporter {
  /// Writes beside `directory` and renames, so that it appears whole or not at all.
  ///
  /// Memory: 16 bytes a row of all tables and 32 of the one that is being sorted, a table's dictionary, and
  /// 80 MiB.
  ///
  /// The golden requests are scored again with what was written: an export that does not replay is not published.
  ///
  /// - Throws: `export.does-not-replay`. `export.unsupported`: the form of graph that is asked for. `export.exists`:
  ///   the directory is there and not empty; choose another. `export.missing`: what should
  ///   hold it is not there. `export.unknown-model`. `export.nonfinite`: the model diverged; export an earlier version.
  ///   `export.disk-full`: free space and repeat. `export.io`. Codes of `store` and `query` as they come.
  @discardableResult
  public static func export(
    _ snapshot: Snapshot, model: String, to directory: String, options: ExportOptions = ExportOptions()
  ) throws(ExportError) -> ExportManifest {
    let blobs = try reading("model \(model)") { () throws(QueryError) in try ModelBlobs(snapshot, model: model) }
    guard let blobs else { throw unknown(model, snapshot) }
    let definition = try reading("model \(model)") { () throws(QueryError) in try blobs.definition() }

    var output = try OutputDirectory(at: directory)
    var manifest = try lineage(of: snapshot, blobs, definition, options)
    var contents: [TableContent] = []
    for table in definition.tables {
      contents.append(try TableContent(snapshot, model: model, space: table.space, options))
    }
    if options.formats.contains(.safetensors) {
      for content in contents {
        try TableExport(snapshot, content, as: options.rows)
          .write(in: &output, &manifest, bytesMax: options.shardBytesMax)
      }
    }
    try TableCopies(snapshot: snapshot, formats: options.formats).write(contents, in: &output, &manifest)
    let dense = DenseExport(blobs: blobs, model: model)
    let file = "dense.safetensors"
    if let (entry, digest) = try dense.write(in: &output, named: file, manifest, options) {
      manifest.dense = entry
      manifest.add(file, digest)
    }
    try writeWhatScores(snapshot, blobs, contents, in: &output, &manifest, options)
    try finish(&output, &manifest, options)
    return manifest
  }

  /// The model card and the manifest, and the directory in its place.
  static func finish(
    _ output: inout OutputDirectory, _ manifest: inout ExportManifest, _ options: ExportOptions
  ) throws(ExportError) {
    var card = try OutputFile(creating: output.path(for: "README.md"))
    try card.append(ModelCard(manifest: manifest, license: options.license).text)
    manifest.add("README.md", try card.finish())
    manifest.files.sort { $0.name < $1.name }
    var last = try OutputFile(creating: output.path(for: ExportManifest.fileName))
    try last.append(manifest.encoded())
    _ = try last.finish()
    _ = try Replay.run(output.temporary, manifest)
    try output.publish()
  }

  /// Graphs and golden requests: what needs the model, and not its tensors alone.
  private static func writeWhatScores(
    _ snapshot: Snapshot, _ blobs: ModelBlobs, _ contents: [TableContent], in output: inout OutputDirectory,
    _ manifest: inout ExportManifest, _ options: ExportOptions
  ) throws(ExportError) {
    let isRounded = options.storedRows != .f32
    let log = options.goldenRequests > 0 || isRounded ? try GoldenExport.log(snapshot, blobs) : nil
    guard log != nil || options.formats.contains(.onnx) else { return }
    let model = manifest.model
    let trained = try reading("model \(model)") { () throws(TrainingError) in try TrainedModel(snapshot, model: model) }
    if options.formats.contains(.onnx) {
      try GraphExport(trained: trained, options: options).write(in: &output, contents, &manifest)
    }
    if let log, isRounded {
      manifest.drift = try ScoreDrift(trained: trained, log: log).measure(options.storedRows)
    }
    if let log, options.goldenRequests > 0 {
      try GoldenExport(trained: trained, log: log).write(in: &output, contents, &manifest, options)
    }
  }

  static func unknown(_ model: String, _ snapshot: Snapshot) -> ExportError {
    let models = snapshot.tables.filter { $0.kind == .model }.map(\.name)
    let hint =
      nearestName(to: model, among: models).map { "Did you mean \($0)?" }
      ?? (models.isEmpty
        ? "Train one with: loam train" : "It has: \(models.joined(separator: ", "))")
    return ExportError(
      .unknownModel, "version \(snapshot.record.version) has no model \(model.quoted)", hint: hint)
  }

  private static func lineage(
    of snapshot: Snapshot, _ blobs: ModelBlobs, _ definition: ModelDefinition, _ options: ExportOptions
  ) throws(ExportError) -> ExportManifest {
    var manifest = try lineage(of: snapshot, definition, options)
    let what = "model \(definition.name)"
    manifest.config = try reading(what) { () throws(QueryError) in try blobs.bytes("config") }
      .map { String(decoding: $0, as: UTF8.self) }
    manifest.code = try reading(what) { () throws(QueryError) in try blobs.bytes("code") }
      .map { String(decoding: $0, as: UTF8.self) }
    let position = try reading(what) { () throws(QueryError) in
      try blobs.bytes("position") == nil ? nil : try blobs.json("position", as: Position.self)
    }
    manifest.logs = try position?.logs.map { (log) throws(ExportError) in try LogSpan(snapshot, log).log }
    manifest.metrics = try metrics(of: definition.name, snapshot)
    return manifest
  }

  /// What the version says, before anything of the model.
  static func lineage(of snapshot: Snapshot, _ definition: ModelDefinition, _ options: ExportOptions)
    throws(ExportError) -> ExportManifest
  {
    let record = snapshot.record
    let schema = try reading("the schema") { () throws(StoreError) in try snapshot.schemaText() }
    let time = Date(timeIntervalSince1970: Double(record.time) / 1e6)
    return ExportManifest(
      storeID: snapshot.store.identity.storeID, version: record.version, parent: record.parent, name: options.name,
      time: time.formatted(.iso8601), note: record.note, root: record.root.description, model: definition.name,
      definition: definition, config: nil, schema: schema, metrics: [:], tables: [], dense: nil, files: [])
  }

  /// Of the trainer's position what tells the model's origin.
  private struct Position: Decodable { var logs: [ExportManifest.Log] }

  /// Metrics lie in the version that published the model. Where later ones (an ingest, say) have the same model, it is
  /// looked for among the kept ones.
  private static func metrics(of model: String, _ snapshot: Snapshot) throws(ExportError) -> [String: Double] {
    let table = TableName(.model, model).description
    let stamp = snapshot.record.tables[table]?.stamp
    let kept = try reading("versions") { () throws(StoreError) in try snapshot.store.versions() }
    let publisher = kept.first { $0.tables[table]?.stamp == stamp } ?? snapshot.record
    let prefix = model + "/"
    let metrics = publisher.metrics.filter { $0.key.hasPrefix(prefix) }
      .map { (String($0.key.dropFirst(prefix.count)), $0.value) }
    return Dictionary(uniqueKeysWithValues: metrics)
  }

  /// Runs a call into the store or a query; its errors keep their codes.
  static func reading<Value, Failure: LoamError>(
    _ what: String, _ body: () throws(Failure) -> Value
  ) throws(ExportError) -> Value {
    do throws(Failure) { return try body() } catch { throw ExportError(error, while: "reading \(what)") }
  }
}

extension ExportManifest {
  /// What every file of the export says of its origin.
  var fileMetadata: [String: String] {
    ["loam.model": model, "loam.version": String(version), "loam.root": root, "loam.store_id": storeID]
  }
}
