import LoamSchema

extension SafetensorsReader {
  /// The vector of one ID in the file of an exported table, which is not loaded: `ids` ascends, so some 25 reads of eight
  /// bytes find the row among ten millions, and one more reads it. `nil`: the table has no such ID.
  ///
  /// - Throws: `export.malformed`: the file has no `ids` U64 [rows] and `rows` F32 [rows, dimension].
  public func row(of id: ID) throws(ExportError) -> [Float]? {
    guard let ids = tensor("ids"), ids.type == .u64, ids.shape.count == 1, let rows = tensor("rows"),
      rows.type == .f32, rows.shape.count == 2, rows.shape[0] == ids.shape[0]
    else { throw ExportError(.malformed, "the file is no exported table: it has no ids U64 and rows F32") }
    var range = 0..<ids.shape[0]
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let found = try elements(of: ids, from: middle, count: 1, as: UInt64.self)[0]
      if found == id {
        return try elements(of: rows, from: middle * rows.shape[1], count: rows.shape[1], as: Float.self)
      }
      range = found < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }

  private func elements<Element: BitwiseCopyable>(
    of tensor: SafetensorsTensor, from first: Int, count: Int, as type: Element.Type
  ) throws(ExportError) -> [Element] {
    let size = MemoryLayout<Element>.size
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count * size), alignment: 16)
    defer { room.deallocate() }
    try read(tensor, at: first * size, into: UnsafeMutableRawBufferPointer(rebasing: room[..<(count * size)]))
    return (0..<count).map { room.loadUnaligned(fromByteOffset: $0 * size, as: type) }
  }
}
