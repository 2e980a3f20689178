extension TableChanges {
  func forEachRow(_ body: (TableChange) throws(StoreError) -> Void) throws(StoreError) -> Counts {
    let difference = try IDTableDifference(older, newer, name)
    try forEachRemoved(difference.removed, body)
    for (rows, isNew) in [(difference.inserted, true), (difference.changed, false)] {
      let bytes = difference.newer.spec.columns.reduce(8) { $0 + $1.stride }
      let count = max(1, min(RowChanges.rowsMax, RowChanges.bytesMax / bytes))
      for start in stride(from: 0, to: rows.count, by: count) {
        let piece = rows[start..<min(start + count, rows.count)]
        try body(.rows(try changes(of: piece, isNew: isNew, difference)))
      }
    }
    return Counts(
      inserted: UInt64(difference.inserted.count), changed: UInt64(difference.changed.count),
      removed: UInt64(difference.removed.count))
  }

  private func changes(of rows: ArraySlice<IDTableDifference.Row>, isNew: Bool, _ difference: IDTableDifference)
    throws(StoreError) -> RowChanges
  {
    let table = difference.newer
    var changes = RowChanges(ids: rows.map(\.id), isNew: isNew)
    if isNew, table.shards.contains(where: { $0.meta.hasStrings }) {
      for row in rows { changes.strings.append(try table.string(of: row.newer)) }
      if changes.strings.allSatisfy({ $0 == nil }) { changes.strings = [] }
    }
    for (index, column) in table.spec.columns.enumerated() {
      let initial = try InitialRow(column, table: name, generation: table.shards[0].meta.generation)
      let stride = column.stride
      let base = UnsafeMutableRawPointer.allocate(byteCount: stride, alignment: 8)
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: stride * rows.count, alignment: 8)
      defer {
        base.deallocate()
        bytes.deallocate()
      }
      for (position, row) in rows.enumerated() {
        let target = bytes.baseAddress! + position * stride
        try table.read(index, row.newer, into: target)
        if let older = difference.older, !isNew {
          try older.read(index, row.older, into: base)
        } else {
          initial.write(row.id, to: base)
        }
        for byte in 0..<stride {
          let (new, old) = (
            target.load(fromByteOffset: byte, as: UInt8.self), base.load(fromByteOffset: byte, as: UInt8.self)
          )
          target.storeBytes(of: new ^ old, toByteOffset: byte, as: UInt8.self)
        }
      }
      guard bytes.contains(where: { $0 != 0 }) else { continue }
      changes.columns.append(
        RowChanges.Column(
          name: column.name, stride: stride, elementBytes: column.type.size, difference: [UInt8](bytes)))
    }
    return changes
  }
}
