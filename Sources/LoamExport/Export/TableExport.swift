import LoamQuery
import LoamSchema
import LoamStore

/// One embedding table on its way into a safetensors file: its rows in ascending order of ID, and their strings.
struct TableExport {
  let content: TableContent
  private let dictionary: TableDictionary?

  init(_ snapshot: Snapshot, _ content: TableContent) throws(ExportError) {
    self.content = content
    dictionary = try TableDictionary(snapshot, space: content.space, content.ids)
  }

  func write(to path: String, named file: String, _ manifest: ExportManifest) throws(ExportError) -> (
    ExportManifest.Table, FileDigest
  ) {
    var metadata = manifest.fileMetadata
    metadata["loam.space"] = content.space
    var writer = try SafetensorsWriter(at: path, tensors: tensors, metadata: metadata)
    var nonfinite = 0
    var vectorRoot: UInt128 = 0
    for tensor in writer.tensors {
      switch tensor.name {
      case "ids": try writer.append(content.ids.span.bytes, to: "ids")
      case "rows":
        nonfinite += try content.forEachPiece(of: "vector") { (first, values) throws(ExportError) in
          vectorRoot &+= root(first, values)
          try writer.append(values.span.bytes, to: tensor.name)
        }
      case "weight":
        nonfinite += try content.forEachPiece(of: "weight") { (_, values) throws(ExportError) in
          try writer.append(values.span.bytes, to: tensor.name)
        }
      case "dictionary.offsets": try writer.append(dictionary!.offsets.span.bytes, to: tensor.name)
      default: try writer.append(dictionary!.bytes.span.bytes, to: tensor.name)
      }
    }
    let snapshot = content.reader.table.snapshot
    let entry = ExportManifest.Table(
      space: content.space, file: file, rows: content.count, dimension: content.dimension,
      dtype: SafetensorsType.f32.rawValue, hasWeight: content.hasWeight, hasDictionary: dictionary != nil,
      missingRow: content.missingRow, unknownRow: content.unknownRow,
      root: snapshot.record.tables[content.name.description]?.root.description ?? "",
      vectorRoot: content.dimension > 0 ? Root(vectorRoot).description : nil, nonfinite: nonfinite)
    return (entry, try writer.finish())
  }

  private var tensors: [SafetensorsTensor] {
    let rows = content.count
    var tensors = [SafetensorsTensor("ids", .u64, shape: [rows])]
    if content.dimension > 0 { tensors.append(.init("rows", .f32, shape: [rows, content.dimension])) }
    if content.hasWeight { tensors.append(.init("weight", .f32, shape: [rows])) }
    if let dictionary {
      tensors.append(.init("dictionary.bytes", .u8, shape: [dictionary.bytes.count]))
      tensors.append(.init("dictionary.offsets", .i64, shape: [dictionary.offsets.count]))
    }
    return tensors
  }

  /// The sum of the rows' hashes.
  private func root(_ first: Int, _ values: [Float]) -> UInt128 {
    let salt = RowHash.salt("vector")
    let stride = content.dimension * 4
    return values.withUnsafeBytes { bytes in
      (0..<bytes.count / stride).reduce(UInt128(0)) { sum, row in
        let payload = UnsafeRawBufferPointer(rebasing: bytes[row * stride..<(row + 1) * stride])
        return sum &+ RowHash.of(salt: salt, key: content.ids[first + row], payload: payload)
      }
    }
  }
}
