import LoamStore

/// Finds the distinct rows of a batch without hashing: for every slot that was ever named, its position in the batch.
///
/// Four bytes a slot, cleared after each batch by walking the rows of the batch alone.
final class RowMarks {
  /// Position + 1, by table, shard and slot; 0: not in the batch.
  private var marks: [[[UInt32]]]

  init(tables: Int) { marks = Array(repeating: [], count: tables) }

  /// The position of a row among the batch's rows of its table; adds it at the end where it is new.
  @inline(__always)
  func position(of packed: UInt64, table: Int, in rows: inout FeatureBatch.Rows) -> UInt32 {
    let reference = RowReference(packed: packed)
    let shard = reference.shard
    let slot = Int(reference.slot)
    if shard >= marks[table].count || slot >= marks[table][shard].count { grow(table, shard, slot) }
    let mark = marks[table][shard][slot]
    if mark != 0 {
      rows.occurrences[Int(mark) - 1] += 1
      return mark - 1
    }
    rows.references.append(reference)
    rows.occurrences.append(1)
    marks[table][shard][slot] = UInt32(rows.references.count)
    return UInt32(rows.references.count) - 1
  }

  @inline(never)
  private func grow(_ table: Int, _ shard: Int, _ slot: Int) {
    while marks[table].count <= shard { marks[table].append([]) }
    let count = max(slot + 1, marks[table][shard].count * 2, 1_024)
    marks[table][shard] += repeatElement(0, count: count - marks[table][shard].count)
  }

  func clear(_ tables: [FeatureBatch.Rows]) {
    for (table, rows) in tables.enumerated() {
      for row in rows.references { marks[table][row.shard][Int(row.slot)] = 0 }
    }
  }
}
