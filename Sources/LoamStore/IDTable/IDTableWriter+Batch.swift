import LoamKernels
import LoamSchema

/// Many rows in one call: the misses of a group of rows are under way to the cache together.
///
/// ```swift
/// try table.findOrInsert(ids, into: rows)               // IDs to rows
/// try table.read(vector, rows, into: bytes)             // gather: [rows, stride]
/// try table.update([vector, sum], rows) { group in      // in place: nothing is copied back
///   optimize(group.rows(0, of: Float.self), group.rows(1, of: Float.self), gradients + group.first, group.count)
/// }
/// ```
///
/// An error leaves what was done before it: rows inserted or changed by earlier groups stay so.
extension IDTableWriter {
  /// Where the rows of IDs lie; `.none` for IDs that have none. `rows` must be as long as `ids`.
  public func find(_ ids: UnsafeBufferPointer<ID>, into rows: UnsafeMutableBufferPointer<RowReference>)
    throws(StoreError)
  {
    precondition(rows.count == ids.count, "a reference for each ID")
    guard let start = ids.baseAddress, let out = rows.baseAddress else { return }
    let arrays = WriterArrays(shards, columns: [])
    let group = LookupGroup()
    for first in stride(from: 0, to: ids.count, by: LookupGroup.count) {
      let count = min(LookupGroup.count, ids.count - first)
      try find(start + first, count, into: Self.packed(out + first), arrays, group)
    }
  }

  /// Copies rows one after the other, `stride` bytes each; the row of `.none` is zeros.
  public func read(_ columnIndex: Int, _ rows: UnsafeBufferPointer<RowReference>, into bytes: UnsafeMutableRawPointer)
    throws(StoreError)
  {
    guard let start = rows.baseAddress else { return }
    let arrays = WriterArrays(shards, columns: [columnIndex])
    let references = UnsafePointer(Self.packed(UnsafeMutablePointer(mutating: start)))
    precondition(
      loam_lookup_check(arrays.index, references, rows.count) == rows.count, "a reference of another table or version")
    let rowBytes = spec.columns[columnIndex].stride
    let group = LookupGroup()
    for first in stride(from: 0, to: rows.count, by: LookupGroup.count) {
      let count = min(LookupGroup.count, rows.count - first)
      if write.copies.isFull { try putEarly(before: rows[first..<first + count]) }
      let listed = loam_update_gather(
        arrays.columns, references + first, count, arrays.zeros, group.rows, group.listed)
      for entry in 0..<listed {
        let position = Int(group.listed[entry])
        let row = rows[first + position]
        group.rows[position] = try shards[row.shard].row(columnIndex, row.slot)
      }
      loam_lookup_copy(group.rows, count, rowBytes, bytes + first * rowBytes)
    }
  }

  /// Runs `body` on groups of rows to be changed in place, in their order.
  ///
  /// The rows of a group are under way to the cache while `body` works on the group before it.
  ///
  /// - Parameters:
  ///   - columns: the columns that `body` changes.
  ///   - rows: of this writer; not `.none`. A row that occurs twice is handed out twice.
  public func update(
    _ columns: [Int], _ rows: UnsafeBufferPointer<RowReference>, _ body: (UpdateGroup) throws(StoreError) -> Void
  ) throws(StoreError) {
    guard let start = rows.baseAddress else { return }
    let arrays = WriterArrays(shards, columns: columns)
    let references = UnsafePointer(Self.packed(UnsafeMutablePointer(mutating: start)))
    precondition(
      loam_update_check(arrays.index, references, rows.count) == rows.count, "a reference of another table or version")
    let room = UpdateRoom(columns: columns.count)
    let size = UpdateRoom.count
    if write.copies.isFull { try putEarly(before: rows[..<min(size, rows.count)]) }
    try locate(columns, rows, 0, min(size, rows.count), arrays, room)
    for first in stride(from: 0, to: rows.count, by: size) {
      let (next, group) = (first + size, room.group(first, count: min(size, rows.count - first)))
      guard write.copies.isFull else {
        if next < rows.count { try locate(columns, rows, next, min(size, rows.count - next), arrays, room) }
        try body(group)
        continue
      }
      // The rows of a group are in copies until it is done.
      try body(group)
      guard next < rows.count else { continue }
      let following = min(size, rows.count - next)
      try putEarly(before: rows[next..<next + following])
      try locate(columns, rows, next, following, arrays, room)
    }
  }

  /// Addresses of a group's rows in every column, all in copies that are to be put.
  @inline(__always)
  private func locate(
    _ columns: [Int], _ rows: UnsafeBufferPointer<RowReference>, _ first: Int, _ count: Int,
    _ arrays: borrowing WriterArrays, _ room: borrowing UpdateRoom
  ) throws(StoreError) {
    let references = UnsafePointer(Self.packed(UnsafeMutablePointer(mutating: rows.baseAddress!))) + first
    for (position, column) in columns.enumerated() {
      let addresses = room.rows(first, column: position)
      let listed = loam_update_rows(arrays.columns + position, references, count, addresses, room.listed)
      for entry in 0..<listed {
        let number = Int(room.listed[entry])
        let row = rows[first + number]
        addresses[number] = try shards[row.shard].mutableRow(column, row.slot)
      }
    }
  }

  private func find(
    _ ids: UnsafePointer<ID>, _ count: Int, into references: UnsafeMutablePointer<UInt64>,
    _ arrays: borrowing WriterArrays, _ group: borrowing LookupGroup
  ) throws(StoreError) {
    let listed = loam_update_lines(arrays.index, ids, count, group.lines, group.listed)
    for entry in 0..<listed {
      // Verifies the block; the line that the kernel computed is the same.
      let hash = loam_mix64(ids[Int(group.listed[entry])])
      _ = try shards[Sharding.shard(hash: hash, count: shards.count)].index.block(of: hash)
    }
    let wrong = loam_lookup_references(arrays.index, ids, count, group.lines, references)
    guard wrong == count else {
      let reference = RowReference(packed: references[wrong])
      throw shards[reference.shard].beyond(ids[wrong], reference.slot)
    }
  }

  /// A reference is its packed number.
  @inline(__always)
  private static func packed(_ rows: UnsafeMutablePointer<RowReference>) -> UnsafeMutablePointer<UInt64> {
    UnsafeMutableRawPointer(rows).assumingMemoryBound(to: UInt64.self)
  }
}
