import LoamStore

/// Finds the distinct rows of a batch without hashing: for every slot of a table that was ever named, its position.
///
/// Four bytes a slot, cleared after each batch by walking the rows of the batch alone.
final class RowMarks {
  /// Position + 1, by shard and slot; 0: not in the batch.
  private var marks: [UnsafeMutableBufferPointer<UInt32>] = []

  deinit { for shard in marks { shard.deallocate() } }

  /// The position of a row among the batch's rows; adds it at the end where it is new.
  @inline(__always)
  func position(of packed: UInt64, in rows: inout FeatureBatch.Rows) -> UInt32 {
    let reference = RowReference(packed: packed)
    let (shard, slot) = (reference.shard, Int(reference.slot))
    if shard >= marks.count || slot >= marks[shard].count { grow(shard, slot) }
    let mark = marks[shard][slot]
    if mark != 0 { return mark - 1 }
    rows.references.append(reference)
    marks[shard][slot] = UInt32(rows.references.count)
    return UInt32(rows.references.count) - 1
  }

  @inline(never)
  private func grow(_ shard: Int, _ slot: Int) {
    while marks.count <= shard { marks.append(.allocate(capacity: 0)) }
    let old = marks[shard]
    let larger = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: max(slot + 1, old.count * 2, 1_024))
    larger.initialize(repeating: 0)
    larger.baseAddress!.update(from: old.baseAddress!, count: old.count)
    old.deallocate()
    marks[shard] = larger
  }

  func clear(_ rows: [RowReference]) {
    for row in rows { marks[row.shard][Int(row.slot)] = 0 }
  }
}
