import Foundation
import LoamQuery
import LoamSchema
import LoamStore

extension Exporter {
  /// Writes one table alone, of a model or imported, as `export` writes the tables of a model: no dense tensors, graphs or
  /// golden requests.
  ///
  /// - Parameter table: `NAME/SPACE`.
  /// - Throws: `export.unknown-table`; the others as `export(_:model:to:options:)`. `export.unsupported`: graphs are asked
  ///   for.
  @discardableResult
  public static func export(
    _ snapshot: Snapshot, table: String, to directory: String, options: ExportOptions = ExportOptions()
  ) throws(ExportError) -> ExportManifest {
    guard !options.formats.contains(.onnx) else {
      throw ExportError(.unsupported, "a table alone is no graph", hint: "Export the model: leave --table out.")
    }
    let parts = table.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let known = snapshot.tables.filter { $0.kind == .embedding }.map(\.name)
    guard parts.count == 2, known.contains(table) else {
      throw ExportError(
        .unknownTable, "version \(snapshot.record.version) has no table \(table.quoted)",
        hint: nearestName(to: table, among: known).map { "Did you mean \($0)?" }
          ?? (known.isEmpty ? nil : "It has: \(known.sorted().joined(separator: ", "))"))
    }
    let content = try TableContent(snapshot, model: parts[0], space: parts[1], options)
    let definition = ModelDefinition(
      name: parts[0], architecture: ExportManifest.tableAlone, tasks: [], fields: [],
      tables: [TableDefinition(space: parts[1], dimension: content.dimension, hasWeight: content.hasWeight)])
    var output = try OutputDirectory(at: directory)
    var manifest = try lineage(of: snapshot, definition, options)
    if options.formats.contains(.safetensors) {
      try TableExport(snapshot, content, as: options.rows)
        .write(in: &output, &manifest, bytesMax: options.shardBytesMax)
    }
    try TableCopies(snapshot: snapshot, formats: options.formats).write([content], in: &output, &manifest)
    try finish(&output, &manifest, options)
    return manifest
  }
}

extension ExportManifest {
  /// In the place of an architecture: the export is one table, of whatever origin.
  static let tableAlone = "table"
}
