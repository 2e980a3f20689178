import LoamKernels
import LoamSchema

/// The steps of a lookup, and what pointers alone cannot settle: checksums at first touch, initial rows, damage.
extension IDTableReader {
  /// References of at most `LookupGroup.count` IDs.
  @inline(__always)
  func find(
    _ ids: UnsafePointer<ID>, count: Int, into references: UnsafeMutablePointer<UInt64>, _ group: borrowing LookupGroup
  ) throws(StoreError) {
    let listed = loam_lookup_lines(arrays.index, ids, count, group.lines, group.listed)
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

  /// Addresses of the rows of at most `LookupGroup.count` references, of this reader or none, in `group.rows`.
  @inline(__always)
  func locate(
    _ references: UnsafePointer<UInt64>, count: Int, column: Int, absent: UnsafeRawPointer,
    _ group: inout LookupGroup
  ) throws(StoreError) {
    let listed = loam_lookup_rows(arrays.columns + column, references, count, absent, group.rows, group.listed)
    for entry in 0..<listed {
      let position = Int(group.listed[entry])
      try settle(position, RowReference(packed: references[position]), column, &group)
    }
  }

  @inline(never)
  private func settle(_ position: Int, _ row: RowReference, _ column: Int, _ group: inout LookupGroup)
    throws(StoreError)
  {
    let shard = shards[row.shard]
    if let stored = try shard.columns[column].row(row.slot) {
      group.rows[position] = stored
    } else {
      let initial = group.initialRow(position, stride: shard.columns[column].layout.stride)
      shard.initial[column].write(try shard.id(row.slot), to: initial)
      group.rows[position] = UnsafeRawPointer(initial)
    }
  }

  /// Addresses of the rows of at most `LookupGroup.count` IDs, in `group.rows`.
  @inline(__always)
  private func locate(
    of ids: UnsafePointer<ID>, count: Int, column: Int, absent: UnsafeRawPointer, _ group: inout LookupGroup
  ) throws(StoreError) {
    while true {
      var listed = 0
      let step = loam_lookup_group(
        arrays.index, arrays.columns + column, ids, count, absent, group.rows, group.listed, &listed)
      if step == loam_lookup_ready { return }
      for entry in 0..<listed {
        let position = Int(group.listed[entry])
        // Verifies the index block on the way, and throws where the index is wrong.
        let row = try find(ids[position])
        if step == loam_lookup_unsettled { try settle(position, row, column, &group) }
      }
      if step == loam_lookup_unsettled { return }
      precondition(step == loam_lookup_unverified, "a damaged index that a single lookup finds whole")
    }
  }

  /// Runs `emit` on the rows of each group of IDs in turn: position of the first, number, and `group.rows`.
  @inline(__always)
  func forEachGroup(
    of ids: UnsafeBufferPointer<ID>, column: Int, absent: UnsafeRawPointer?,
    _ emit: (Int, Int, UnsafePointer<UnsafeRawPointer?>) -> Void
  ) throws(StoreError) {
    precondition(spec.columns.indices.contains(column), "column \(column) of \(spec.columns.count)")
    guard let start = ids.baseAddress else { return }
    var group = LookupGroup()
    var first = 0
    while first < ids.count {
      let count = min(LookupGroup.count, ids.count - first)
      try locate(
        of: start + first, count: count, column: column, absent: absent ?? arrays.zeros, &group)
      emit(first, count, group.rows)
      first += count
    }
  }
}
