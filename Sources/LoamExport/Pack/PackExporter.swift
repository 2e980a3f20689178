import Foundation
import LoamPack
import LoamQuery
import LoamSchema
import LoamStore

/// Freezes one model of one version into a pack: a directory that a server maps, `FrozenPack` or `loam_pack.h`.
///
/// ```swift
/// let manifest = try PackExporter.export(store.snapshot(at: .name("best")), model: "ctr", to: "ctr.pack")
/// let pack = try FrozenPack(at: "ctr.pack")
/// ```
///
/// A snapshot is one instant, so training and ingest may go on meanwhile. The same version gives the same bytes, whatever
/// the number of shards and the order of arrival.
public enum PackExporter {
  /// Rows that are read and settled at a time.
  private static let pieceRows = 8_192
  /// Seeds of the index that are tried; a second one is needed where somebody chose IDs to collide.
  private static let attempts = 8

  /// Writes beside `directory` and renames, so that it appears whole or not at all.
  ///
  /// Memory: 16 bytes a row of at most 16 M rows at once, whatever the size of the tables.
  ///
  /// - Throws: `export.exists`: the directory is there and not empty; choose another. `export.missing`: what should
  ///   hold it is not there. `export.unknown-model`. `export.nonfinite`: the model diverged, or a row is beyond what f16
  ///   holds. `pack.disk-full`: free space and repeat. `pack.io`. Codes of `store` and `query` as they come.
  @discardableResult
  public static func export(
    _ snapshot: Snapshot, model: String, to directory: String, options: PackOptions = PackOptions()
  ) throws(ExportError) -> PackManifest {
    let blobs = try Exporter.reading("model \(model)") { () throws(QueryError) in
      try ModelBlobs(snapshot, model: model)
    }
    guard let blobs else { throw Exporter.unknown(model, snapshot) }
    let source = try PackSource(snapshot, blobs, model: model, type: options.type)
    var output = try OutputDirectory(at: directory)
    let path = output.path(for: FrozenPack.fileName)
    let digest = try write(source, to: path, options)

    let record = snapshot.record
    let manifest = PackManifest(
      storeID: snapshot.store.identity.storeID, version: record.version, name: options.name,
      time: Date(timeIntervalSince1970: Double(record.time) / 1e6).formatted(.iso8601),
      root: record.root.description, model: model, tables: source.entries, bytes: digest.bytes, sha256: digest.sha256)
    let bytes = manifest.encoded()
    var file = try OutputFile(creating: output.path(for: PackManifest.fileName))
    try file.append(bytes)
    _ = try file.finish()
    if let key = options.signingKey {
      let signature = try packing("signing \(directory)") { () throws(PackError) in try key.signature(of: bytes) }
      var file = try OutputFile(creating: output.path(for: PackPublicKey.signatureFileName))
      try file.append(signature)
      _ = try file.finish()
    }
    try output.publish()
    return manifest
  }

  private static func write(_ source: PackSource, to path: String, _ options: PackOptions)
    throws(ExportError) -> (bytes: Int, sha256: String)
  {
    for attempt in 0..<attempts {
      do throws(ExportError) {
        return try write(source, to: path, options, seed: PackIndex.seed(attempt: attempt))
      } catch {
        guard error.code == "pack.crowded", attempt + 1 < attempts else { throw error }
        unlink(path)
      }
    }
    preconditionFailure("the last attempt returns or throws")
  }

  private static func write(_ source: PackSource, to path: String, _ options: PackOptions, seed: UInt64)
    throws(ExportError) -> (bytes: Int, sha256: String)
  {
    let seeds = source.tables.map { _ in seed }
    var writer = try packing("writing \(path)") { () throws(PackError) in
      try PackWriter(at: path, source.content, seeds: seeds)
    }
    for (number, table) in source.tables.enumerated() {
      try append(table, source.content.tables[number], number, to: &writer, options, seed)
    }
    for (number, tensor) in source.content.tensors.enumerated() {
      let values = try source.values(of: tensor)
      if !options.allowsNonfinite, let wrong = values.first(where: { !$0.isFinite }) {
        throw nonfinite("model \(source.model): tensor \(tensor.name) holds \(wrong)")
      }
      try packing("writing \(path)") { () throws(PackError) in try writer.append(values, toTensor: number) }
    }
    return try packing("writing \(path)", writer)
  }

  private static func append(
    _ reader: EmbeddingReader, _ content: PackContent.Table, _ number: Int, to writer: inout PackWriter,
    _ options: PackOptions, _ seed: UInt64
  ) throws(ExportError) {
    let name = reader.table.spec.name
    var encoders = content.columns.map { PackRowEncoder($0.type, width: $0.width) }
    let order = PackOrder(reader.table, seed: seed)
    try order.forEachPiece(rows: pieceRows) { ids, references throws(ExportError) in
      do throws(PackError) {
        try ids.span.withUnsafeBufferPointer { ids throws(PackError) in try writer.append(ids, to: number) }
      } catch { throw ExportError(error, while: "writing \(name)") }
      for (place, column) in content.columns.enumerated() {
        let values = try Exporter.reading("\(name)") { () throws(QueryError) in
          try reader.values(column.name, references)
        }
        if let wrong = encoders[place].encode(values), !options.allowsNonfinite {
          throw nonfinite(
            "\(name): \(column.name) of ID \(ids[wrong / column.width]) holds \(values[wrong])"
              + (values[wrong].isFinite ? ", more than \(column.type.name) has" : ""))
        }
        do throws(PackError) {
          let rows = encoders[place].bytes
          try rows.span.bytes.withUnsafeBytes { rows throws(PackError) in
            try writer.append(rows, to: number, column: place)
          }
        } catch { throw ExportError(error, while: "writing \(name)") }
      }
    }
  }

  private static func nonfinite(_ message: String) -> ExportError {
    ExportError(
      .nonfinite, message,
      hint: "The model diverged: export an earlier version, or train with a lower rate or a gradient clip.")
  }

  private static func packing<Value: ~Copyable>(_ doing: String, _ body: () throws(PackError) -> Value)
    throws(ExportError) -> Value
  {
    do throws(PackError) { return try body() } catch { throw ExportError(error, while: doing) }
  }

  private static func packing(_ doing: String, _ writer: consuming PackWriter)
    throws(ExportError) -> (bytes: Int, sha256: String)
  {
    do throws(PackError) { return try writer.finish() } catch { throw ExportError(error, while: doing) }
  }
}
