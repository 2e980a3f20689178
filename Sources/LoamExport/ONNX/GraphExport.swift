import Foundation
import LoamModels
import LoamQuery
import LoamSchema
import LoamTraining
import ONNXProto

/// The graphs of a model on their way into files.
struct GraphExport {
  static let opset = 17
  /// Of the format, the one that came with opset 17.
  private static let irVersion: Int64 = 8
  let trained: TrainedModel
  let options: ExportOptions

  /// - Throws: `export.unsupported`: the self-contained form was asked for and the model reads sequences.
  func write(
    in output: inout OutputDirectory, _ tables: [TableContent], _ manifest: inout ExportManifest
  ) throws(ExportError) {
    let definition = trained.definition
    let shape = definition.shape
    if options.graphs?.contains(.selfContained) == true, !shape.sequences.isEmpty {
      throw ExportError(
        .unsupported, "model \(definition.name) reads the sequences \(shape.sequences.map(\.name)) event by event",
        hint: "Export the form 'network', whose inputs are the vectors of the events.")
    }
    let trace = try NetworkTrace(trained.model, shape)
    for form in ExportManifest.Graph.Form.allCases where options.graphs?.contains(form) ?? true {
      if form == .selfContained, !shape.sequences.isEmpty { continue }
      try write(form, trace, in: &output, form == .network ? [] : tables, &manifest)
    }
  }

  private func write(
    _ form: ExportManifest.Graph.Form, _ trace: NetworkTrace, in output: inout OutputDirectory,
    _ tables: [TableContent], _ manifest: inout ExportManifest
  ) throws(ExportError) {
    var entry = ExportManifest.Graph(form: form, file: form.fileName, data: nil, opset: Self.opset)
    var outside: ExternalFile?
    if tables.reduce(0, { $0 + GraphTable.byteCount($1) }) > options.graphBytesMax {
      let name = form.fileName + ".data"
      outside = ExternalFile(name, try OutputFile(creating: output.path(for: name)))
      entry.data = name
    }
    var graphTables: [GraphTable] = []
    for table in tables { graphTables.append(try GraphTable(table, options.storedRows, in: outside)) }
    if let outside { manifest.add(outside.name, try outside.finish()) }
    let graph = try ModelGraph(trained.definition, trace, tables: graphTables)
    manifest.add(
      entry.file, try write(graph, to: output.path(for: entry.file), form, manifest))
    manifest.graphs = (manifest.graphs ?? []) + [entry]
  }

  private func write(
    _ graph: ModelGraph, to path: String, _ form: ExportManifest.Graph.Form, _ manifest: ExportManifest
  ) throws(ExportError) -> FileDigest {
    var model = ONNXModel()
    model.irVersion = Self.irVersion
    model.producerName = "loam"
    model.graph = graph.builder.graph
    model.graph.name = manifest.model
    var opset = ONNXOperatorSet()
    opset.version = Int64(Self.opset)
    model.opsetImport = [opset]
    var metadata = manifest.fileMetadata
    metadata["loam.form"] = form.rawValue
    metadata["loam.schema"] = manifest.schema
    metadata["loam.definition"] = String(decoding: SortedJSON.bytes(of: manifest.definition), as: UTF8.self)
    model.metadataProps = metadata.sorted { $0.key < $1.key }.map { .make($0.key, $0.value) }
    let bytes: [UInt8]
    do {
      bytes = try model.serializedBytes()
    } catch {
      throw ExportError(.unsupported, "the graph of \(manifest.model) cannot be written: \(error)")
    }
    var file = try OutputFile(creating: path)
    try file.append(bytes)
    return try file.finish()
  }
}

extension ExportManifest.Graph.Form {
  var fileName: String { self == .network ? "network.onnx" : "model.onnx" }
}
