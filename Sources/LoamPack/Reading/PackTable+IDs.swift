import LoamKernels
import LoamSchema

extension PackTable {
  /// The ID of every row, in the order of rows; `ids` must have room for `rowCount`.
  public func ids(into ids: UnsafeMutableBufferPointer<ID>) {
    precondition(ids.count == rowCount, "room for \(rowCount) IDs")
    // A damaged index may name rows twice, and others never.
    ids.update(repeating: ID.missing)
    for number in 0..<Int(table.lines) {
      var line = table.index[number]
      let first = Int(line.first)
      withUnsafeBytes(of: &line.ids) { bytes in
        for place in 0..<Int(line.count & 7) where first + place < rowCount {
          ids[first + place] = bytes.load(fromByteOffset: place * 8, as: ID.self)
        }
      }
    }
  }
}
