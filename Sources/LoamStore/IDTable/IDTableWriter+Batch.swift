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
    try rooms.with(shards, EmptyCollection()) { (room) throws(StoreError) in
      for first in stride(from: 0, to: ids.count, by: LookupGroup.count) {
        let count = min(LookupGroup.count, ids.count - first)
        try find(start + first, count, into: Self.packed(out + first), room)
      }
    }
  }

  /// Copies rows one after the other, `stride` bytes each; the row of `.none` is zeros.
  public func read(_ columnIndex: Int, _ rows: UnsafeBufferPointer<RowReference>, into bytes: UnsafeMutableRawPointer)
    throws(StoreError)
  {
    guard let start = rows.baseAddress else { return }
    let references = UnsafePointer(Self.packed(UnsafeMutablePointer(mutating: start)))
    let rowBytes = spec.columns[columnIndex].stride
    try rooms.with(shards, CollectionOfOne(columnIndex)) { (room) throws(StoreError) in
      precondition(
        loam_lookup_check(room.index, references, rows.count) == rows.count, "a reference of another table or version")
      let (addresses, unsettled) = (room.group.rows, room.group.listed)
      for first in stride(from: 0, to: rows.count, by: LookupGroup.count) {
        let count = min(LookupGroup.count, rows.count - first)
        if write.copies.isFull { try putEarly(before: rows[first..<first + count]) }
        let listed = loam_update_gather(room.columns, references + first, count, room.zeros, addresses, unsettled)
        if write.copies.isTight { prefetch(columnIndex, rows, first, unsettled, listed) }
        for entry in 0..<listed {
          let position = Int(unsettled[entry])
          let row = rows[first + position]
          addresses[position] = try shards[row.shard].row(columnIndex, row.slot)
        }
        loam_lookup_copy(addresses, count, rowBytes, bytes + first * rowBytes)
      }
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
    let references = UnsafePointer(Self.packed(UnsafeMutablePointer(mutating: start)))
    let size = UpdateRoom.count
    try rooms.with(shards, columns) { (room) throws(StoreError) in
      precondition(
        loam_update_check(room.index, references, rows.count) == rows.count, "a reference of another table or version")
      if write.copies.isFull { try putEarly(before: rows[..<min(size, rows.count)]) }
      var waits = try locate(columns, rows, 0, min(size, rows.count), room, isAlone: true)
      for first in stride(from: 0, to: rows.count, by: size) {
        let (next, group) = (first + size, room.update.group(first, count: min(size, rows.count - first)))
        guard write.copies.isFull || waits else {
          if next < rows.count {
            waits = try locate(columns, rows, next, min(size, rows.count - next), room, isAlone: false)
          }
          try body(group)
          continue
        }
        // The rows of a group stay where they are until it is done.
        try body(group)
        guard next < rows.count else { continue }
        let following = min(size, rows.count - next)
        if write.copies.isFull { try putEarly(before: rows[next..<next + following]) }
        waits = try locate(columns, rows, next, following, room, isAlone: true)
      }
    }
  }

  /// Addresses of a group's rows in every column, all in copies that are to be put.
  ///
  /// - Parameter isAlone: no row of another group is held, so that rows may move.
  /// - Returns: that there are blocks to be copied once none is.
  @inline(__always)
  private func locate(
    _ columns: [Int], _ rows: UnsafeBufferPointer<RowReference>, _ first: Int, _ count: Int, _ room: WriterRoom,
    isAlone: Bool
  ) throws(StoreError) -> Bool {
    var waits = false
    let references = UnsafePointer(Self.packed(UnsafeMutablePointer(mutating: rows.baseAddress!))) + first
    let unsettled = room.update.listed
    for (position, column) in columns.enumerated() {
      let addresses = room.update.rows(first, column: position)
      let listed = loam_update_rows(room.columns + position, references, count, addresses, unsettled)
      if listed > 0, write.copies.isTight,
        try copyBlocks(column, rows, first, unsettled, listed, isAlone: isAlone)
      {
        waits = true
      }
      for entry in 0..<listed {
        let number = Int(unsettled[entry])
        let row = rows[first + number]
        addresses[number] = try shards[row.shard].mutableRow(column, row.slot)
      }
    }
    return waits
  }

  private func find(
    _ ids: UnsafePointer<ID>, _ count: Int, into references: UnsafeMutablePointer<UInt64>, _ room: WriterRoom
  ) throws(StoreError) {
    let (lines, unsettled) = (room.group.lines, room.group.listed)
    let listed = loam_update_lines(room.index, ids, count, lines, unsettled)
    for entry in 0..<listed {
      // Verifies the block; the line that the kernel computed is the same.
      let hash = loam_mix64(ids[Int(unsettled[entry])])
      _ = try shards[Sharding.shard(hash: hash, count: shards.count)].index.block(of: hash)
    }
    let wrong = loam_lookup_references(room.index, ids, count, lines, references)
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
