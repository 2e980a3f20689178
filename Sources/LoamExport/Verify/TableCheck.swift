import LoamKernels
import LoamSchema

/// Checks a file of one embedding table against its entry in the manifest.
struct TableCheck {
  let table: ExportManifest.Table
  /// Of the table, those that the file holds.
  let rows: Range<Int>
  let form: RowForm
  let reader: SafetensorsReader

  /// - Parameter part: which of the table's files it is.
  init(_ table: ExportManifest.Table, part: Int, _ reader: SafetensorsReader) throws(ExportError) {
    let counts = table.shards?.map(\.rows) ?? [table.rows]
    var left = table.rows
    for count in counts where left >= 0 { left = count >= 0 && count <= left ? left - count : -1 }
    guard table.dimension >= 0, left == 0 else {
      throw ExportError(.damaged, "the manifest gives \(table.rows) rows of \(table.dimension), in files of \(counts)")
    }
    guard let form = RowForm(dtype: table.dtype) else {
      throw ExportError(.damaged, "the manifest gives rows of the type \(table.dtype.quoted)")
    }
    let first = counts[..<part].reduce(0, +)
    (self.table, self.form, self.reader) = (table, form, reader)
    rows = first..<first + counts[part]
  }

  /// Over the files of a table, in the order of their rows.
  struct Sums {
    var parts = 0
    var lastID: ID?
    var nonfinite = 0
  }

  func run(_ sums: inout Sums) throws(ExportError) {
    var names: Set<String> = ["ids"]
    try require("ids", .u64, [rows.count])
    if table.dimension > 0 {
      names.insert("rows")
      try require("rows", form.type, [rows.count, table.dimension])
      if form == .int8 {
        names.insert("rows.scale")
        try require("rows.scale", .f16, [rows.count])
      }
    }
    if table.hasWeight {
      names.insert("weight")
      try require("weight", .f32, [rows.count])
    }
    if table.hasDictionary { names.formUnion(["dictionary.bytes", "dictionary.offsets"]) }
    for tensor in reader.header.tensors where !names.contains(tensor.name) {
      throw ExportError(.damaged, "the tensor \(tensor.name.quoted) is not in the manifest")
    }
    try checkIDs(after: &sums.lastID)
    if table.hasDictionary { try checkDictionary() }
    sums.nonfinite += try nonfinite()
  }

  private func tensor(_ name: String) throws(ExportError) -> SafetensorsTensor {
    guard let tensor = reader.tensor(name) else { throw ExportError(.damaged, "the tensor \(name) is missing") }
    return tensor
  }

  private func require(_ name: String, _ type: SafetensorsType, _ shape: [Int]) throws(ExportError) {
    let tensor = try tensor(name)
    guard tensor.type == type, tensor.shape == shape else {
      throw ExportError(
        .damaged,
        "\(name) is \(tensor.type.rawValue) \(tensor.shape), the manifest says \(type.rawValue) \(shape)")
    }
  }

  /// Ascending, so no ID stands twice; the reserved ones where the manifest says.
  private func checkIDs(after last: inout ID?) throws(ExportError) {
    var reserved: [ID: Int] = [:]
    try reader.forEachPiece(of: try tensor("ids")) { (offset, bytes) throws(ExportError) in
      let ids = bytes.bindMemory(to: UInt64.self)
      for index in ids.indices {
        let (row, id) = (offset / 8 + index, ID(littleEndian: ids[index]))
        if let last, id <= last {
          throw ExportError(.damaged, "row \(row): ID \(id) \(id == last ? "stands twice" : "follows \(last)")")
        }
        last = id
        if id > ID.largest { reserved[id] = rows.lowerBound + row }
      }
    }
    let here = { (row: Int?) in row.flatMap { rows.contains($0) ? $0 : nil } }
    guard reserved[.missing] == here(table.missingRow), reserved[.unknown] == here(table.unknownRow) else {
      throw ExportError(.damaged, "the rows of missing and unknown are not where the manifest says")
    }
  }

  /// In int8 it is a scale that is not.
  private func nonfinite() throws(ExportError) -> Int {
    var nonfinite = 0
    for (name, form) in [("rows", form), ("rows.scale", .f16), ("weight", .f32)] where form != .int8 {
      guard let tensor = reader.tensor(name) else { continue }
      try reader.forEachPiece(of: tensor) { (_, bytes) throws(ExportError) in
        nonfinite += form.decode(bytes, scales: [], width: 1).count { !$0.isFinite }
      }
    }
    return nonfinite
  }

  /// Every string hashes to its ID.
  private func checkDictionary() throws(ExportError) {
    try require("dictionary.offsets", .i64, [rows.count + 1])
    let bytes = try tensor("dictionary.bytes")
    guard bytes.type == .u8, bytes.shape.count == 1 else {
      throw ExportError(.damaged, "dictionary.bytes is \(bytes.type.rawValue) \(bytes.shape), expected U8 [bytes]")
    }
    let offsets: [Int64] = try content("dictionary.offsets")
    let ids: [ID] = try content("ids")
    let text: [UInt8] = try content("dictionary.bytes")
    guard offsets.first == 0, offsets.last == Int64(text.count) else {
      throw ExportError(.damaged, "dictionary.offsets do not span dictionary.bytes")
    }
    for row in ids.indices {
      let (begin, end) = (Int(offsets[row]), Int(offsets[row + 1]))
      guard begin <= end, end <= text.count else {
        throw ExportError(.damaged, "dictionary.offsets fall at row \(row)")
      }
      // No string is empty: a row that ingest never saw has none.
      if begin == end { continue }
      let hash = text.withUnsafeBytes { loam_hash_bytes($0.baseAddress! + begin, end - begin) }
      guard hash == ids[row] else {
        let string = String(decoding: text[begin..<end], as: UTF8.self)
        throw ExportError(.damaged, "row \(row): the string \(string.quoted) does not hash to ID \(ids[row])")
      }
    }
  }

  private func content<Element: FixedWidthInteger>(_ name: String) throws(ExportError) -> [Element] {
    var elements: [Element] = []
    try reader.forEachPiece(of: try tensor(name)) { (_, bytes) throws(ExportError) in
      elements.append(contentsOf: bytes.bindMemory(to: Element.self))
    }
    return elements
  }
}
