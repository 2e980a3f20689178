import LoamSchema

/// Reads single rows of one table out of its exported file, which is not loaded.
struct TableFile {
  private let entry: ExportManifest.Table
  private let reader: SafetensorsReader

  init(_ directory: String, _ entry: ExportManifest.Table) throws(ExportError) {
    self.entry = entry
    reader = try SafetensorsReader(at: "\(directory)/\(entry.file)")
  }

  /// The rows of those IDs that the table has.
  ///
  /// - Parameter wanted: ascending.
  func rows(of wanted: [ID]) throws(ExportError) -> GoldenTable {
    var (ids, rows, weights): ([ID], [Float], [Float]) = ([], [], [])
    for id in wanted {
      guard let position = try reader.position(of: id) else { continue }
      ids.append(id)
      if entry.dimension > 0 {
        rows += try reader.elements("rows", .f32, from: position * entry.dimension, count: entry.dimension)
      }
      if entry.hasWeight { weights += try reader.elements("weight", .f32, from: position, count: 1) }
    }
    return GoldenTable(
      space: entry.space, ids: ids, dimension: entry.dimension, rows: rows,
      weights: entry.hasWeight ? weights : nil)
  }
}
