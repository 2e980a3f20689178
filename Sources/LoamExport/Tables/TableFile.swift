import LoamSchema

/// Reads single rows of one table out of its exported files, which are not loaded.
///
/// ```swift
/// let items = try TableFile("ctr-best", manifest.tables[0])
/// let row = try items.row(of: 4711)                 // nil: the table has no such ID
/// ```
public struct TableFile {
  private let entry: ExportManifest.Table
  private let form: RowForm
  private let readers: [SafetensorsReader]

  /// - Throws: `export.missing`; `export.malformed`: a file breaks its format, or has rows of another form.
  public init(_ directory: String, _ entry: ExportManifest.Table) throws(ExportError) {
    guard let form = RowForm(dtype: entry.dtype) else {
      throw ExportError(.malformed, "rows of the type \(entry.dtype.quoted) are not known")
    }
    (self.entry, self.form) = (entry, form)
    var readers: [SafetensorsReader] = []
    for file in entry.fileNames {
      let reader = try SafetensorsReader(at: "\(directory)/\(file)")
      try Self.requireTensors(of: entry, form, in: reader, file)
      readers.append(reader)
    }
    self.readers = readers
  }

  /// Rows are read by the numbers of the entry, so the file must have as many.
  private static func requireTensors(
    of entry: ExportManifest.Table, _ form: RowForm, in reader: SafetensorsReader, _ file: String
  ) throws(ExportError) {
    let count = reader.tensor("ids")?.shape.first ?? 0
    var expected: [(name: String, type: SafetensorsType, shape: [Int])] = [("ids", .u64, [count])]
    if entry.dimension != 0 { expected.append(("rows", form.type, [count, entry.dimension])) }
    if entry.dimension != 0, form == .int8 { expected.append(("rows.scale", .f16, [count])) }
    if entry.hasWeight { expected.append(("weight", .f32, [count])) }
    for (name, type, shape) in expected {
      let found = reader.tensor(name)
      guard found?.type == type, found?.shape == shape else {
        throw ExportError(
          .malformed,
          "\(file): expected \(name) as \(type.rawValue) \(shape), found "
            + (found.map { "\($0.type.rawValue) \($0.shape)" } ?? "none"),
          hint: "Get the export again, or export the version anew.")
      }
    }
  }

  /// The vector and the weight of one ID, as a reader of the files gets them; `nil`: the table has no such ID.
  public func row(of id: ID) throws(ExportError) -> (vector: [Float], weight: Float?)? {
    for reader in readers {
      guard let position = try reader.position(of: id) else { continue }
      let weight: [Float] = entry.hasWeight ? try reader.elements("weight", .f32, from: position, count: 1) : []
      return (try vector(reader, position), weight.first)
    }
    return nil
  }

  private func vector(_ reader: SafetensorsReader, _ position: Int) throws(ExportError) -> [Float] {
    guard entry.dimension > 0 else { return [] }
    let width = entry.dimension
    let bytes: [UInt8] = try reader.bytes(
      "rows", form.type, from: position * width * form.type.size, count: width * form.type.size)
    let scales: [UInt16] = form == .int8 ? try reader.elements("rows.scale", .f16, from: position, count: 1) : []
    return bytes.withUnsafeBytes { form.decode($0, scales: scales, width: width) }
  }

  /// The rows of those IDs that the table has.
  ///
  /// - Parameter wanted: ascending.
  func rows(of wanted: [ID]) throws(ExportError) -> GoldenTable {
    var (ids, rows, weights): ([ID], [Float], [Float]) = ([], [], [])
    for id in wanted {
      guard let found = try row(of: id) else { continue }
      ids.append(id)
      rows += found.vector
      if let weight = found.weight { weights.append(weight) }
    }
    return GoldenTable(
      space: entry.space, ids: ids, dimension: entry.dimension, rows: rows, weights: entry.hasWeight ? weights : nil)
  }
}

extension ExportManifest.Table {
  /// In the order of their rows.
  public var fileNames: [String] { shards?.map(\.file) ?? [file] }
}
