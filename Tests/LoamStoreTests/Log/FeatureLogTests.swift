import LoamSchema
import Testing

@testable import LoamStore

@Suite struct FeatureLogTests {
  static let spec = TableSpec(TableName(.log, "train"))

  /// Rows `range` of a log that is a function of the row number.
  private static func rows(_ range: Range<Int>, extra: Bool = false) -> RowGroup {
    var group = RowGroup(rowCount: range.count)
    group.columns["dense/x"] = .real(range.map { $0 % 7 == 0 ? .nan : Float($0) * 0.37 })
    group.columns["time/event"] = .time(range.map { $0 % 11 == 0 ? .absent : Int64($0) * 1_000_000 })
    var single = CodedIDs()
    for row in range {
      let id = UInt64(row % 1_000) &* 0x9E37_79B9_7F4A_7C15
      if row % 5 == 0 {
        single.codes.append(CodedIDs.missing)
      } else {
        let code = single.distinct.firstIndex(of: id) ?? single.distinct.count
        if code == single.distinct.count { single.distinct.append(id) }
        single.codes.append(UInt32(code))
      }
    }
    group.columns["id/user"] = .ids(single)
    var several = CodedIDs(distinct: [9, 8, 7], offsets: [0], weights: [])
    for row in range {
      for value in 0..<row % 4 {
        several.codes.append(UInt32((row + value) % 3))
        several.weights!.append(Float(value))
      }
      several.offsets!.append(UInt32(several.codes.count))
    }
    group.columns["id/tags"] = .ids(several)
    if extra { group.columns["label/late"] = .real(range.map { Float($0 % 2) }) }
    return group
  }

  private static func ids(_ column: RowGroup.Column?, row: Int) -> [ID] {
    guard case .ids(let ids)? = column else { return [] }
    let values = ids.offsets.map { Int($0[row])..<Int($0[row + 1]) } ?? row..<row + 1
    return values.compactMap { ids.codes[$0] == CodedIDs.missing ? nil : ids.distinct[Int(ids.codes[$0])] }
  }

  @Test func rowsReadBackWhateverTheBatchesAndShards() throws {
    let total = 70_000
    var roots: Set<UInt128> = []
    var statistics: [ColumnStatistics] = []
    for (shards, batch) in [(1, 70_000), (4, 9_999), (7, 33_000)] {
      let scratch = try StructureStore(shards: shards)
      var at = 0
      while at < total {
        // A fresh writer each time: the tail is taken up from the store.
        let write = try scratch.store.begin([Self.spec])
        let log = try FeatureLogWriter(write, Self.spec)
        for _ in 0..<2 where at < total {
          let end = min(total, at + batch)
          try log.append(Self.rows(at..<end))
          log.sources = [LogSource(name: "f", fingerprint: "1", records: UInt64(end), rows: UInt64(end))]
          try log.flush()
          try write.publish(PublishOptions(goOn: true))
          at = end
        }
      }
      let reader = try #require(try FeatureLogReader(scratch.store.snapshot(), Self.spec.name))
      #expect(reader.rowCount == total)
      #expect(reader.groupCount == 3)
      #expect(reader.sources == [LogSource(name: "f", fingerprint: "1", records: 70_000, rows: 70_000)])
      for index in 0..<reader.groupCount {
        let group = try reader.group(index)
        let first = index * reader.rowsPerGroup
        let expected = Self.rows(first..<first + group.rowCount)
        for row in stride(from: 0, to: group.rowCount, by: 37) {
          for name in ["id/user", "id/tags"] {
            #expect(Self.ids(group.columns[name], row: row) == Self.ids(expected.columns[name], row: row))
          }
        }
        #expect(group.columns["time/event"] == expected.columns["time/event"])
        #expect(try reader.group(index, columns: ["time/event"]).columns.count == 1)
      }
      try reader.check()
      #expect(try reader.computeRoot().value == scratch.root(Self.spec.name))
      roots.insert(try scratch.root(Self.spec.name))
      statistics.append(try #require(reader.statistics("dense/x")))
    }
    #expect(roots.count == 1)
    #expect(statistics.allSatisfy { $0 == statistics[0] })
    #expect(statistics[0].count == UInt64(total - total / 7))
  }

  @Test func aColumnAddedLaterIsMissingInOlderRows() throws {
    let scratch = try StructureStore(shards: 2)
    let write = try scratch.store.begin([Self.spec])
    let log = try FeatureLogWriter(write, Self.spec)
    try log.append(Self.rows(0..<40_000))
    try log.flush()
    try write.publish(PublishOptions(goOn: true))
    try log.append(Self.rows(40_000..<40_010, extra: true))
    try log.append(Self.rows(40_010..<40_020))
    try log.flush()
    try write.publish()
    let reader = try #require(try FeatureLogReader(scratch.store.snapshot(), Self.spec.name))
    guard case .real(let old)? = try reader.group(0, columns: ["label/late"]).columns["label/late"],
      case .real(let new)? = try reader.group(1, columns: ["label/late"]).columns["label/late"]
    else {
      Issue.record("the column is not there")
      return
    }
    #expect(old.count == 32_768 && old.allSatisfy(\.isNaN))
    #expect(new.filter { !$0.isNaN }.count == 10)
    #expect(new.last?.isNaN == true)
    #expect(try reader.computeRoot().value == scratch.root(Self.spec.name))
  }

  @Test func aColumnOfAnotherKindIsRefused() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let log = try FeatureLogWriter(write, Self.spec)
    try log.append(Self.rows(0..<10))
    let error = #expect(throws: StoreError.self) {
      try log.append(RowGroup(rowCount: 1, columns: ["id/user": .real([1])]))
    }
    #expect(error?.reason == .mismatch)
    #expect(log.rowCount == 10)
  }

  @Test func anUnknownColumnIsRefusedWithTheKnownOnes() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let log = try FeatureLogWriter(write, Self.spec)
    try log.append(Self.rows(0..<10))
    try log.flush()
    try write.publish()
    let reader = try #require(try FeatureLogReader(scratch.store.snapshot(), Self.spec.name))
    let error = #expect(throws: StoreError.self) { try reader.group(0, columns: ["id/usr"]) }
    #expect(error?.reason == .unknownColumn)
    #expect(error?.hint?.contains("id/user") == true)
  }

  @Test func damagedColumnsAreRefusedNotRead() throws {
    for (name, column) in Self.rows(0..<50).columns {
      let kind = LogColumnKind(column)
      let bytes = LogColumnEncoding.encode(column)
      _ = try LogColumnEncoding.decode(bytes, kind: kind, rows: 50, place: name)
      for length in 0..<bytes.count {
        #expect(throws: StoreError.self) {
          try LogColumnEncoding.decode(Array(bytes[..<length]), kind: kind, rows: 50, place: name)
        }
      }
      #expect(throws: StoreError.self) {
        try LogColumnEncoding.decode(bytes + [0], kind: kind, rows: 50, place: name)
      }
      // Any one byte changed: refused or read as other values, never a trap.
      for position in bytes.indices {
        var changed = bytes
        changed[position] ^= 0xFF
        _ = try? LogColumnEncoding.decode(changed, kind: kind, rows: 50, place: name)
      }
    }
  }
}
