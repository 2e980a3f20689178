import LoamPack
import LoamQuery
import LoamStore

/// What of a version goes into a pack.
struct PackSource {
  let model: String
  let content: PackContent
  let tables: [EmbeddingReader]
  private let blobs: ModelBlobs
  private let record: VersionRecord

  init(_ snapshot: Snapshot, _ blobs: ModelBlobs, model: String, type: PackType) throws(ExportError) {
    (self.model, self.blobs, record) = (model, blobs, snapshot.record)
    let definition = try Exporter.reading("model \(model)") { () throws(QueryError) in try blobs.definition() }
    var tables: [EmbeddingReader] = []
    for table in definition.tables {
      let what = "table embedding:\(model)/\(table.space)"
      let reader = try Exporter.reading(what) { () throws(QueryError) in
        try EmbeddingReader(snapshot, model: model, space: table.space)
      }
      guard let reader else {
        throw ExportError(.damaged, "version \(snapshot.record.version) has model \(model), but not its \(what)")
      }
      guard reader.rowCount <= PackWriter.rowsMax else {
        throw ExportError(
          .unsupported, "\(what) has \(reader.rowCount) rows, a pack at most \(PackWriter.rowsMax) a table",
          hint: "Export it as safetensors, or let rare IDs go first: loam evict.")
      }
      tables.append(reader)
    }
    self.tables = tables
    var content = PackContent(
      tables: zip(definition.tables, tables).map { table, reader in
        var columns: [PackContent.Column] = []
        if reader.dimension > 0 { columns.append(.init("vector", type, width: reader.dimension)) }
        if reader.hasWeight { columns.append(.init("weight", .f32, width: 1)) }
        return .init(table.space, rows: reader.rowCount, columns: columns)
      })
    content.tensors = try Exporter.reading("model \(model)") { () throws(QueryError) in try blobs.tensors() }
      .map { .init($0.name, shape: $0.shape) }
    for name in ["definition", "config"] {
      let bytes = try Exporter.reading("model \(model)") { () throws(QueryError) in try blobs.bytes(name) }
      if let bytes { content.blobs.append(.init(name, bytes)) }
    }
    let schema = try Exporter.reading("the schema") { () throws(StoreError) in try snapshot.schemaText() }
    if let schema { content.blobs.append(.init("schema", Array(schema.utf8))) }
    self.content = content
  }

  func values(of tensor: PackContent.Tensor) throws(ExportError) -> [Float] {
    try Exporter.reading("tensor \(tensor.name) of model \(model)") { () throws(QueryError) in
      try blobs.tensor(.init(name: tensor.name, shape: tensor.shape))
    }
  }

  /// The tables as the manifest names them.
  var entries: [PackManifest.Table] {
    zip(content.tables, tables).map { table, reader in
      PackManifest.Table(
        space: table.name, rows: table.rows, dimension: reader.dimension,
        dtype: (table.columns.first { $0.name == "vector" }?.type ?? .f32).name, hasWeight: reader.hasWeight,
        root: record.tables[reader.table.spec.name.description]?.root.description ?? "")
    }
  }
}
