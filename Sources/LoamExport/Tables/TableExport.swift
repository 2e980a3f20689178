import LoamQuery
import LoamSchema
import LoamStore

/// One embedding table on its way into safetensors files: its rows in ascending order of ID, and their strings.
///
/// A table of more bytes than a file may have is cut between rows: `table.SPACE-00001-of-00003.safetensors`, each file
/// with the IDs, rows and strings of its own part.
struct TableExport {
  let content: TableContent
  let form: RowForm
  private let dictionary: TableDictionary?

  init(_ snapshot: Snapshot, _ content: TableContent, as form: RowForm) throws(ExportError) {
    (self.content, self.form) = (content, form)
    dictionary = try TableDictionary(snapshot, space: content.space, content.ids)
  }

  /// - Parameter bytesMax: of a file.
  func write(in output: inout OutputDirectory, _ manifest: inout ExportManifest, bytesMax: Int) throws(ExportError) {
    let parts = parts(bytesMax: bytesMax)
    var sums = Sums()
    var shards: [ExportManifest.Shard] = []
    for (index, rows) in parts.enumerated() {
      let file = Self.fileName(content.space, part: index, of: parts.count)
      manifest.add(file, try write(rows, to: output.path(for: file), manifest, &sums))
      shards.append(.init(file: file, rows: rows.count))
    }
    let snapshot = content.reader.table.snapshot
    manifest.tables.append(
      .init(
        space: content.space, file: shards[0].file, shards: shards.count > 1 ? shards : nil, rows: content.count,
        dimension: content.dimension, dtype: form.type.rawValue, hasWeight: content.hasWeight,
        hasDictionary: dictionary != nil, missingRow: content.missingRow, unknownRow: content.unknownRow,
        root: snapshot.record.tables[content.name.description]?.root.description ?? "",
        vectorRoot: content.dimension > 0 ? Root(sums.vectorRoot).description : nil, nonfinite: sums.nonfinite))
  }

  /// Over all parts of a table.
  private struct Sums {
    var nonfinite = 0
    var vectorRoot: UInt128 = 0
  }

  static func fileName(_ space: String, part: Int, of count: Int) -> String {
    guard count > 1 else { return "table.\(space).safetensors" }
    let padded = { (number: Int) in String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)" }
    return "table.\(space)-\(padded(part + 1))-of-\(padded(count)).safetensors"
  }

  /// As many rows as fit, one at least.
  private func parts(bytesMax: Int) -> [Range<Int>] {
    let room = max(0, bytesMax - Self.headerBytesMax)
    var parts: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for row in 0..<content.count {
      let more = rowBytes + (dictionary.map { Int($0.offsets[row + 1] - $0.offsets[row]) } ?? 0)
      if row > start, bytes + more > room {
        parts.append(start..<row)
        (start, bytes) = (row, 0)
      }
      bytes += more
    }
    return parts + [start..<content.count]
  }

  private static let headerBytesMax = 1 << 16

  private var rowBytes: Int {
    8 + content.dimension * form.type.size + (form == .int8 ? 2 : 0) + (content.hasWeight ? 4 : 0)
      + (dictionary == nil ? 0 : 8)
  }

  private func write(_ rows: Range<Int>, to path: String, _ manifest: ExportManifest, _ sums: inout Sums)
    throws(ExportError) -> FileDigest
  {
    var metadata = manifest.fileMetadata
    metadata["loam.space"] = content.space
    let strings = dictionary?.part(rows)
    var writer = try SafetensorsWriter(at: path, tensors: tensors(rows.count, strings), metadata: metadata)
    // Scales stand before the rows: they are found on the way through the vectors, once more than the rows themselves.
    for tensor in writer.tensors {
      switch tensor.name {
      case "ids":
        let ids = Array(content.ids[rows])
        try writer.append(ids.span.bytes, to: tensor.name)
      case "rows.scale":
        let width = content.dimension
        try content.forEachPiece(of: "vector", in: rows) { (_, values) in
          form.encode(values, width: width).scales
        } _: { (scales) throws(ExportError) in
          try writer.append(scales.span.bytes, to: tensor.name)
        }
      case "rows":
        let nonfinite = try writeRows(rows, to: &writer, &sums)
        sums.nonfinite += nonfinite
      case "weight":
        sums.nonfinite += try content.forEachPiece(of: "weight", in: rows) { (_, values) throws(ExportError) in
          try writer.append(values.span.bytes, to: tensor.name)
        }
      case "dictionary.offsets": try writer.append(strings!.offsets.span.bytes, to: tensor.name)
      default: try writer.append(strings!.bytes.span.bytes, to: tensor.name)
      }
    }
    return try writer.finish()
  }

  /// Answers how many of the numbers are not finite.
  private func writeRows(_ rows: Range<Int>, to writer: inout SafetensorsWriter, _ sums: inout Sums)
    throws(ExportError) -> Int
  {
    if form == .f32 {
      return try content.forEachPiece(of: "vector", in: rows) { (first, values) in
        (values, values.withUnsafeBytes { root(first, $0, []) })
      } _: { (values, root) throws(ExportError) in
        sums.vectorRoot &+= root
        try writer.append(values.span.bytes, to: "rows")
      }
    }
    return try content.forEachPiece(of: "vector", in: rows) { (first, values) throws(ExportError) in
      let encoded = form.encode(values, width: content.dimension)
      try content.requireHeld(values, first, encoded, form)
      return (encoded.rows, encoded.rows.withUnsafeBytes { root(first, $0, encoded.scales) })
    } _: { (bytes, root) throws(ExportError) in
      sums.vectorRoot &+= root
      try writer.append(bytes.span.bytes, to: "rows")
    }
  }

  private func tensors(_ rows: Int, _ strings: TableDictionary?) -> [SafetensorsTensor] {
    var tensors = [SafetensorsTensor("ids", .u64, shape: [rows])]
    if content.dimension > 0 {
      tensors.append(.init("rows", form.type, shape: [rows, content.dimension]))
      if form == .int8 { tensors.append(.init("rows.scale", .f16, shape: [rows])) }
    }
    if content.hasWeight { tensors.append(.init("weight", .f32, shape: [rows])) }
    if let strings {
      tensors.append(.init("dictionary.bytes", .u8, shape: [strings.bytes.count]))
      tensors.append(.init("dictionary.offsets", .i64, shape: [strings.offsets.count]))
    }
    return tensors
  }

  /// The sum of the hashes of rows as a store keeps them, whose int8 rows end with their scale as f32.
  private func root(_ first: Int, _ rows: UnsafeRawBufferPointer, _ scales: [UInt16]) -> UInt128 {
    let (salt, stride) = (RowHash.salt("vector"), content.dimension * form.type.size)
    var sum: UInt128 = 0
    var whole = [UInt8](repeating: 0, count: form == .int8 ? stride + 4 : 0)
    for row in 0..<rows.count / stride {
      let key = content.ids[first + row]
      let payload = UnsafeRawBufferPointer(rebasing: rows[row * stride..<(row + 1) * stride])
      guard form == .int8 else {
        sum &+= RowHash.of(salt: salt, key: key, payload: payload)
        continue
      }
      let scale = HalfPrecision.value(scales[row]).bitPattern.littleEndian
      whole.withUnsafeMutableBytes { bytes in
        bytes.copyMemory(from: payload)
        bytes.storeBytes(of: scale, toByteOffset: stride, as: UInt32.self)
        sum &+= RowHash.of(salt: salt, key: key, payload: UnsafeRawBufferPointer(bytes))
      }
    }
    return sum
  }
}

extension TableContent {
  /// Refuses numbers that were finite and are beyond the form's range, and in int8 all that are not finite.
  fileprivate func requireHeld(
    _ values: [Float], _ first: Int, _ encoded: (rows: [UInt8], scales: [UInt16]), _ form: RowForm
  ) throws(ExportError) {
    let unheld: Int?
    switch form {
    case .f32: unheld = nil
    case .f16, .bf16:
      let exponent: UInt16 = form == .f16 ? 0x7C00 : 0x7F80
      unheld = encoded.rows.withUnsafeBytes { bytes in
        let halves = bytes.bindMemory(to: UInt16.self)
        return halves.indices.first { halves[$0] & exponent == exponent && values[$0].isFinite }
      }
    case .int8:
      unheld = encoded.scales.firstIndex { $0 & 0x7C00 == 0x7C00 }.map { row in
        let places = row * dimension..<(row + 1) * dimension
        return places.first { !values[$0].isFinite } ?? places.max { abs(values[$0]) < abs(values[$1]) }!
      }
    }
    guard let unheld else { return }
    throw ExportError(
      .nonfinite,
      "\(name): vector of ID \(ids[first + unheld / dimension]) holds \(values[unheld]), beyond \(form.rawValue)",
      hint: "Export as f32 or bf16.")
  }
}
