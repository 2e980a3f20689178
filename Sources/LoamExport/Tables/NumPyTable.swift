import LoamQuery

/// Writes a table as arrays of NumPy's format, version 2.0: one file each for IDs, vectors, weights and strings.
///
/// ```
///   table.SPACE.ids.npy      u64 [rows]                    table.SPACE.weight.npy   f32 [rows]
///   table.SPACE.rows.npy     f32 [rows, dimension]         table.SPACE.strings.npy  u8 [bytes], .offsets.npy i64 [rows + 1]
/// ```
struct NumPyTable {
  let content: TableContent
  let strings: TableDictionary?

  func write(in output: inout OutputDirectory, _ manifest: inout ExportManifest) throws(ExportError) -> [String] {
    var names: [String] = []
    func array(
      _ part: String, _ descriptor: String, _ shape: [Int], _ output: inout OutputDirectory,
      _ manifest: inout ExportManifest, _ fill: (inout OutputFile) throws(ExportError) -> Void
    ) throws(ExportError) {
      let name = "table.\(content.space).\(part).npy"
      var file = try OutputFile(creating: output.path(for: name))
      try file.append(Self.header(descriptor, shape))
      try fill(&file)
      manifest.add(name, try file.finish())
      names.append(name)
    }
    try array("ids", "<u8", [content.count], &output, &manifest) { (file) throws(ExportError) in
      try file.append(content.ids.span.bytes)
    }
    let columns = [("vector", "rows", content.dimension > 0), ("weight", "weight", content.hasWeight)]
    for (column, part, isThere) in columns where isThere {
      let shape = [content.count] + (part == "rows" ? [content.dimension] : [])
      try array(part, "<f4", shape, &output, &manifest) { (file) throws(ExportError) in
        try content.forEachPiece(of: column) { (_, values) throws(ExportError) in try file.append(values.span.bytes) }
      }
    }
    if let strings {
      try array("strings", "|u1", [strings.bytes.count], &output, &manifest) { (file) throws(ExportError) in
        try file.append(strings.bytes)
      }
      try array("offsets", "<i8", [strings.offsets.count], &output, &manifest) { (file) throws(ExportError) in
        try file.append(strings.offsets.span.bytes)
      }
    }
    return names
  }

  static func header(_ descriptor: String, _ shape: [Int]) -> [UInt8] {
    let axes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    return NPYHeader.bytes(dictionary: "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(axes)), }")
  }
}
