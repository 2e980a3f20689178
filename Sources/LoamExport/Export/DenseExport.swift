import LoamQuery

/// The dense tensors of a model on their way into a file.
struct DenseExport {
  let blobs: ModelBlobs
  let model: String

  /// `nil`: the model has none.
  func write(
    in output: inout OutputDirectory, named file: String, _ manifest: ExportManifest, _ options: ExportOptions
  ) throws(ExportError) -> (ExportManifest.Dense, FileDigest)? {
    let entries = try Exporter.reading("model \(model)") { () throws(QueryError) in try blobs.tensors() }
    if entries.isEmpty { return nil }
    var writer = try SafetensorsWriter(
      at: output.path(for: file), tensors: entries.map { SafetensorsTensor($0.name, .f32, shape: $0.shape) },
      metadata: manifest.fileMetadata)
    for tensor in writer.tensors {
      let values = try Exporter.reading("tensor \(tensor.name) of model \(model)") { () throws(QueryError) in
        try blobs.tensor(.init(name: tensor.name, shape: tensor.shape))
      }
      if !options.allowsNonfinite, let wrong = values.first(where: { !$0.isFinite }) {
        throw ExportError(
          .nonfinite, "model \(model): tensor \(tensor.name) holds \(wrong)",
          hint: "The model diverged: export an earlier version, or train with a lower rate or a gradient clip.")
      }
      try writer.append(values.span.bytes, to: tensor.name)
    }
    let tensors = writer.tensors.map {
      ExportManifest.Tensor(name: $0.name, dtype: $0.type.rawValue, shape: $0.shape)
    }
    return (ExportManifest.Dense(file: file, tensors: tensors), try writer.finish())
  }
}
