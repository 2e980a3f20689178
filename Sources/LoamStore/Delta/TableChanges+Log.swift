extension TableChanges {
  func forEachLogRow(_ body: (TableChange) throws(StoreError) -> Void) throws(StoreError) -> Counts {
    guard let reader = try FeatureLogReader(newer, name) else { return Counts() }
    let before: FeatureLogReader?
    if let older { before = try FeatureLogReader(older, name) } else { before = nil }
    // Rows that are not the same end the part that the two have in common: a log only grows at its end.
    let common = try firstDifference(before, reader)
    let counts = Counts(
      inserted: UInt64(reader.rowCount - common), removed: UInt64((before?.rowCount ?? 0) - common))
    try forEachRemoved((UInt64(common)..<UInt64(common) + counts.removed).map { $0 }, body)
    var at = common
    while at < reader.rowCount {
      let index = at / LogMeta.rowsPerGroup
      let group = try reader.group(index)
      let from = at - index * LogMeta.rowsPerGroup
      try body(.logRows(from == 0 ? group : group.rows(from..<group.rowCount)))
      at += group.rowCount - from
    }
    if before?.sources != reader.sources { try body(.logSources(reader.sources)) }
    return counts
  }

  private func firstDifference(_ older: FeatureLogReader?, _ newer: FeatureLogReader) throws(StoreError) -> Int {
    guard let older else { return 0 }
    let rows = min(older.rowCount, newer.rowCount)
    for index in try differingGroups(older, newer) where index * LogMeta.rowsPerGroup < rows {
      let (before, after) = (try older.group(index), try newer.group(index))
      let first = index * LogMeta.rowsPerGroup
      for row in 0..<min(LogMeta.rowsPerGroup, rows - first) {
        guard before.hash(row, number: UInt64(first)) == after.hash(row, number: UInt64(first)) else {
          return first + row
        }
      }
    }
    return rows
  }

  private func differingGroups(_ older: FeatureLogReader, _ newer: FeatureLogReader) throws(StoreError) -> [Int] {
    var groups: Set<UInt64> = []
    for shard in 0..<newer.snapshot.shardCount {
      for column in Set(older.meta.columns.map(\.number)).union(newer.meta.columns.map(\.number)) {
        groups.formUnion(
          try ChangedBlocks(
            older.snapshot, newer.snapshot, table: newer.spec.number, column: column, shard: shard
          ).numbers)
      }
    }
    return groups.sorted().map { Int($0) }
  }
}

extension RowGroup {
  /// The part of a range of rows.
  func rows(_ range: Range<Int>) -> RowGroup {
    var part = RowGroup(rowCount: range.count)
    for (name, column) in columns {
      var builder = LogColumnBuilder(LogColumnKind(column))
      var translation: [UInt32] = []
      builder.append(column, range, translation: &translation)
      part.columns[name] = builder.column
    }
    return part
  }

  /// What a row adds to the log's root. - Parameter number: that of the group's first row.
  fileprivate func hash(_ row: Int, number: UInt64) -> UInt128 {
    var sum: UInt128 = 0
    for (name, column) in columns { sum &+= LogColumnRoot.sum(name, column, row..<row + 1, first: number) }
    return sum
  }
}
