import LoamQuery
import LoamSchema
import LoamStore

/// One embedding table on its way into a file: its rows in ascending order of ID, and their strings.
struct TableExport {
  /// Rows that are read and settled at a time.
  private static let pieceRows = 8_192

  let space: String
  private let reader: EmbeddingReader
  private let ids: [ID]
  private let references: [RowReference]
  private let dictionary: TableDictionary?

  init(_ snapshot: Snapshot, model: String, space: String) throws(ExportError) {
    let what = "table embedding:\(model)/\(space)"
    let reader = try Exporter.reading(what) { () throws(QueryError) in
      try EmbeddingReader(snapshot, model: model, space: space)
    }
    guard let reader else {
      throw ExportError(.damaged, "version \(snapshot.record.version) has model \(model), but not its \(what)")
    }
    var rows: [(id: ID, reference: RowReference)] = []
    rows.reserveCapacity(reader.rowCount)
    do {
      try reader.table.forEachRow { reference, id in rows.append((id, reference)) }
    } catch {
      guard let error = error as? any LoamError else { preconditionFailure("\(error)") }
      throw ExportError(error, while: "reading \(what)")
    }
    rows.sort { $0.id < $1.id }
    ids = rows.map(\.id)
    references = rows.map(\.reference)
    self.reader = reader
    self.space = space
    dictionary = try TableDictionary(snapshot, space: space, ids)
  }

  func write(to path: String, named file: String, _ manifest: ExportManifest, _ options: ExportOptions)
    throws(ExportError) -> (ExportManifest.Table, FileDigest)
  {
    let table = reader.table.spec.name
    var metadata = manifest.fileMetadata
    metadata["loam.space"] = space
    var writer = try SafetensorsWriter(at: path, tensors: tensors, metadata: metadata)
    var nonfinite = 0
    var vectorRoot: UInt128 = 0
    var ignored: UInt128 = 0
    for tensor in writer.tensors {
      switch tensor.name {
      case "ids": try writer.append(ids.span.bytes, to: "ids")
      case "rows": nonfinite += try append(column: "vector", to: tensor, of: &writer, options, root: &vectorRoot)
      case "weight": nonfinite += try append(column: "weight", to: tensor, of: &writer, options, root: &ignored)
      case "dictionary.offsets": try writer.append(dictionary!.offsets.span.bytes, to: tensor.name)
      default: try writer.append(dictionary!.bytes.span.bytes, to: tensor.name)
      }
    }
    let entry = ExportManifest.Table(
      space: space, file: file, rows: ids.count, dimension: reader.dimension, dtype: SafetensorsType.f32.rawValue,
      hasWeight: reader.hasWeight, hasDictionary: dictionary != nil, missingRow: position(of: .missing),
      unknownRow: position(of: .unknown),
      root: reader.table.snapshot.record.tables[table.description]?.root.description ?? "",
      vectorRoot: reader.dimension > 0 ? Root(vectorRoot).description : nil, nonfinite: nonfinite)
    return (entry, try writer.finish())
  }

  private var tensors: [SafetensorsTensor] {
    var tensors = [SafetensorsTensor("ids", .u64, shape: [ids.count])]
    if reader.dimension > 0 { tensors.append(.init("rows", .f32, shape: [ids.count, reader.dimension])) }
    if reader.hasWeight { tensors.append(.init("weight", .f32, shape: [ids.count])) }
    if let dictionary {
      tensors.append(.init("dictionary.bytes", .u8, shape: [dictionary.bytes.count]))
      tensors.append(.init("dictionary.offsets", .i64, shape: [dictionary.offsets.count]))
    }
    return tensors
  }

  /// The reserved IDs are the two highest.
  private func position(of reserved: ID) -> Int? { ids.suffix(2).firstIndex(of: reserved) }

  /// Values as a lookup gives them. Answers how many are not finite, and adds the rows' hashes to `root`.
  private func append(
    column: String, to tensor: SafetensorsTensor, of writer: inout SafetensorsWriter, _ options: ExportOptions,
    root: inout UInt128
  ) throws(ExportError) -> Int {
    let salt = RowHash.salt(column)
    var nonfinite = 0
    for start in stride(from: 0, to: references.count, by: Self.pieceRows) {
      let piece = Array(references[start..<min(start + Self.pieceRows, references.count)])
      let values = try Exporter.reading("\(reader.table.spec.name)") { () throws(QueryError) in
        try reader.values(column, piece)
      }
      let wrong = values.count { !$0.isFinite }
      if wrong > 0 && !options.allowsNonfinite {
        let index = values.firstIndex { !$0.isFinite }!
        let id = ids[start + index / (values.count / piece.count)]
        throw ExportError(
          .nonfinite, "\(reader.table.spec.name): \(column) of ID \(id) holds \(values[index])",
          hint: "The model diverged: export an earlier version, or train with a lower rate or a gradient clip.")
      }
      nonfinite += wrong
      root &+= values.withUnsafeBytes { bytes in
        let stride = bytes.count / piece.count
        return piece.indices.reduce(UInt128(0)) { sum, row in
          let payload = UnsafeRawBufferPointer(rebasing: bytes[row * stride..<(row + 1) * stride])
          return sum &+ RowHash.of(salt: salt, key: ids[start + row], payload: payload)
        }
      }
      try writer.append(values.span.bytes, to: tensor.name)
    }
    return nonfinite
  }
}
