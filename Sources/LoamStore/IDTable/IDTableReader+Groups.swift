import LoamKernels
import LoamSchema

/// The steps of a lookup, and what pointers alone cannot settle: checksums at first touch, initial rows, damage.
extension IDTableReader {
  /// References of at most `LookupGroup.count` IDs.
  @inline(__always)
  func find(
    _ ids: UnsafePointer<ID>, count: Int, into references: UnsafeMutablePointer<UInt64>, _ group: borrowing LookupGroup
  ) throws(StoreError) {
    try fetchLines(ids, count: count, group)
    try match(ids, count: count, into: references, group)
  }

  /// Lines of the index under way to the cache, from place `at` of the group on.
  @inline(__always)
  func fetchLines(_ ids: UnsafePointer<ID>, count: Int, at place: Int = 0, _ group: borrowing LookupGroup)
    throws(StoreError)
  {
    let listed = loam_lookup_lines(arrays.index, ids, count, group.lines + place, group.listed)
    for entry in 0..<listed {
      // Verifies the block; the line that the kernel computed is the same.
      let hash = loam_mix64(ids[Int(group.listed[entry])])
      _ = try shards[Sharding.shard(hash: hash, count: shards.count)].index.block(of: hash)
    }
  }

  /// References of IDs whose lines were fetched to the same place.
  @inline(__always)
  func match(
    _ ids: UnsafePointer<ID>, count: Int, at place: Int = 0, into references: UnsafeMutablePointer<UInt64>,
    _ group: borrowing LookupGroup
  ) throws(StoreError) {
    let wrong = loam_lookup_references(arrays.index, ids, count, group.lines + place, references)
    guard wrong == count else {
      let reference = RowReference(packed: references[wrong])
      throw shards[reference.shard].beyond(ids[wrong], reference.slot)
    }
  }

  /// Addresses of the rows of at most `LookupGroup.count` references, of this reader or none, in `group.rows` from place
  /// `at` on.
  @inline(__always)
  func locate(
    _ references: UnsafePointer<UInt64>, count: Int, column: Int, absent: UnsafeRawPointer, at place: Int = 0,
    _ group: inout LookupGroup
  ) throws(StoreError) {
    let listed = loam_lookup_rows(
      arrays.columns + column, references, count, absent, group.rows + place, group.listed)
    for entry in 0..<listed {
      let position = Int(group.listed[entry])
      try settle(place + position, RowReference(packed: references[position]), column, &group)
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
      let initial = group.initialRow(position)
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
    try snapshot.requireUsable()
    var group = LookupGroup(strideMax: spec.columns[column].stride)
    var first = 0
    while first < ids.count {
      let count = min(LookupGroup.count, ids.count - first)
      try locate(
        of: start + first, count: count, column: column, absent: absent ?? arrays.zeros, &group)
      emit(first, count, group.rows)
      first += count
    }
  }

  /// The same of references, of this reader or none; the row of none is `absent`.
  @inline(__always)
  func forEachGroup(
    ofRows references: UnsafeBufferPointer<UInt64>, column: Int, absent: UnsafeRawPointer? = nil,
    _ emit: (Int, Int, UnsafePointer<UnsafeRawPointer?>) -> Void
  ) throws(StoreError) {
    guard let start = references.baseAddress else { return }
    try snapshot.requireUsable()
    requireOwn(references)
    var group = LookupGroup(strideMax: spec.columns[column].stride)
    for first in stride(from: 0, to: references.count, by: LookupGroup.count) {
      let count = min(LookupGroup.count, references.count - first)
      try locate(start + first, count: count, column: column, absent: absent ?? arrays.zeros, &group)
      emit(first, count, group.rows)
    }
  }

  func requireOwn(_ references: UnsafeBufferPointer<UInt64>) {
    guard let start = references.baseAddress else { return }
    precondition(
      loam_lookup_check(arrays.index, start, references.count) == references.count, "a reference of another version")
  }
}
