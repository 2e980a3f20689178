import LoamSchema

extension SafetensorsReader {
  /// The vector of one ID in the file of an exported table, which is not loaded: `ids` ascends, so some 25 reads of eight
  /// bytes find the row among ten millions, and one more reads it. `nil`: the table has no such ID.
  ///
  /// - Throws: `export.malformed`: the file has no `ids` U64 [rows] and `rows` F32 [rows, dimension].
  public func row(of id: ID) throws(ExportError) -> [Float]? {
    guard let rows = tensor("rows"), rows.type == .f32, rows.shape.count == 2, rows.shape[0] == tensor("ids")?.shape[0]
    else { throw Self.noTable }
    guard let position = try position(of: id) else { return nil }
    return try elements("rows", .f32, from: position * rows.shape[1], count: rows.shape[1])
  }

  /// Which row of the file is that of an ID.
  func position(of id: ID) throws(ExportError) -> Int? {
    guard let ids = tensor("ids"), ids.type == .u64, ids.shape.count == 1 else { throw Self.noTable }
    var range = 0..<ids.shape[0]
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let found: ID = try elements("ids", .u64, from: middle, count: 1)[0]
      if found == id { return middle }
      range = found < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }

  /// Some elements of a tensor, counted over all its axes.
  ///
  /// - Throws: `export.malformed`: the file has no such tensor of this type with so many elements.
  func elements<Element: BitwiseCopyable>(_ name: String, _ type: SafetensorsType, from first: Int, count: Int)
    throws(ExportError) -> [Element]
  {
    let size = MemoryLayout<Element>.size
    let bytes = try bytes(name, type, from: first * size, count: count * size)
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { raw.loadUnaligned(fromByteOffset: $0 * size, as: Element.self) }
    }
  }

  func bytes(_ name: String, _ type: SafetensorsType, from first: Int, count: Int) throws(ExportError) -> [UInt8] {
    guard let tensor = tensor(name), tensor.type == type, first + count <= tensor.range.count else {
      throw ExportError(.malformed, "the file has no tensor \(name) \(type.rawValue) of \(first + count) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try span.withUnsafeMutableBytes { (room) throws(ExportError) in try read(tensor, at: first, into: room) }
    return bytes
  }

  private static var noTable: ExportError {
    ExportError(.malformed, "the file is no exported table: it has no ids U64 and rows F32")
  }
}
