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
    guard let tensor = tensor(name), tensor.type == type, (first + count) * size <= tensor.range.count else {
      throw ExportError(.malformed, "the file has no tensor \(name) \(type.rawValue) of \(first + count) elements")
    }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count * size), alignment: 16)
    defer { room.deallocate() }
    try read(tensor, at: first * size, into: UnsafeMutableRawBufferPointer(rebasing: room[..<(count * size)]))
    return (0..<count).map { room.loadUnaligned(fromByteOffset: $0 * size, as: Element.self) }
  }

  private static var noTable: ExportError {
    ExportError(.malformed, "the file is no exported table: it has no ids U64 and rows F32")
  }
}
