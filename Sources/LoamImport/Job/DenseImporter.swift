import Foundation
import LoamExport
import LoamQuery
import LoamSchema
import LoamStore

/// Sets dense tensors of a trained model from a safetensors file, by name: weights that were trained elsewhere.
///
/// Every tensor of the file must be one of the model's, of the same shape; those that the file lacks stay. f16, bf16 and
/// f64 become f32. The dense optimizer's state stays as it is.
public struct DenseImporter {
  private let store: Store
  private let model: String

  public init(_ store: Store, model: String) { (self.store, self.model) = (store, model) }

  public struct Report: Sendable, Equatable {
    public var version: UInt64
    /// Names that were set, and those that the file lacks, in the model's order.
    public var set: [String]
    public var kept: [String]
  }

  /// All of it is one version. Nothing was begun where the file is refused.
  ///
  /// - Throws: `import.unknown-model`, `import.unknown-tensor`, `import.mismatch`, `import.nonfinite`; codes of `export`
  ///   for a file that breaks its format; `store.table-busy`: the model is being trained.
  public func run(_ path: String) throws(ImportError) -> Report {
    let latest = try ImportError.passing { () throws(StoreError) in try store.snapshot() }
    let blobs = try ImportError.passing { () throws(QueryError) in try ModelBlobs(latest, model: model) }
    guard let blobs else {
      let models = latest.tables.filter { $0.kind == .model }.map(\.name)
      throw ImportError(
        .unknownModel, "version \(latest.record.version) has no model \(model.quoted)",
        hint: nearestName(to: model, among: models).map { "Did you mean '\($0)'?" })
    }
    let entries = try ImportError.passing { () throws(QueryError) in try blobs.tensors() }
    _ = try FileFeed.byteCount(path)
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    let reader = try ImportError.passing { () throws(ExportError) in try SafetensorsReader(at: resolved) }
    var values: [(name: String, bytes: [UInt8])] = []
    for tensor in reader.header.tensors {
      guard let entry = entries.first(where: { $0.name == tensor.name }) else {
        throw ImportError(
          .unknownTensor, "\(path): the model \(model) has no tensor \(tensor.name.quoted)",
          hint: nearestName(to: tensor.name, among: entries.map(\.name)).map { "Did you mean '\($0)'?" }
            ?? "It has: \(entries.prefix(20).map(\.name).joined(separator: ", ")).")
      }
      values.append((tensor.name, try content(tensor, entry, reader, path)))
    }
    guard !values.isEmpty else { throw ImportError(.unknownTensor, "\(path) has no tensors") }
    let version = try ImportError.passing { () throws(StoreError) in try publish(values, latest) }
    let names = Set(values.map(\.name))
    return Report(
      version: version, set: entries.map(\.name).filter(names.contains),
      kept: entries.map(\.name).filter { !names.contains($0) })
  }

  private func content(
    _ tensor: SafetensorsTensor, _ entry: ModelBlobs.TensorEntry, _ reader: SafetensorsReader, _ path: String
  ) throws(ImportError) -> [UInt8] {
    guard let type = ElementType(tensor.type), type != .i8, tensor.shape == entry.shape else {
      throw ImportError(
        .mismatch,
        "\(path): \(tensor.name.quoted) is \(tensor.type.rawValue) \(tensor.shape), the model has real "
          + "numbers \(entry.shape)")
    }
    let count = tensor.shape.reduce(1, *)
    let raw = try reader.bytes(of: tensor, at: 0, count: tensor.range.count)
    let encoder = RowEncoder(from: type, to: .f32, width: count)
    var bytes = [UInt8](repeating: 0, count: count * 4)
    let wrong = raw.withUnsafeBytes { raw in
      bytes.withUnsafeMutableBytes { out in
        count == 0 ? nil : encoder.encode(raw.baseAddress!, scale: 1, into: out.baseAddress!)
      }
    }
    if let wrong {
      throw ImportError(
        .nonfinite, "\(path): element \(wrong) of \(tensor.name.quoted) is not finite, or beyond f32",
        hint: "The weights diverged, or the file is damaged.")
    }
    return bytes
  }

  private func publish(_ values: [(name: String, bytes: [UInt8])], _ latest: Snapshot) throws(StoreError) -> UInt64 {
    let spec = TableSpec(TableName(.model, model))
    let write = try store.begin([spec])
    defer { write.abandon() }
    let blobs = try BlobWriter(write, spec)
    for (name, bytes) in values { blobs.set("tensor/\(name)", bytes) }
    try blobs.flush()
    return try write.publish(PublishOptions(note: "import \(values.count) tensors into \(model)")).version
  }
}
