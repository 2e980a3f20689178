import LoamSchema
import LoamStore
import Testing

@testable import LoamQuery

/// Gives each ID the next slot; odd IDs above 100 are not admitted.
private final class CountingRows: RowResolver {
  var slots: [[ID: UInt32]] = [[:], [:]]
  var calls = 0
  func row(of id: ID, table: Int) throws(QueryError) -> RowReference {
    calls += 1
    let wanted = id > 100 && id <= ID.largest && id % 2 == 1 ? ID.unknown : id
    let slot = slots[table][wanted] ?? UInt32(slots[table].count)
    slots[table][wanted] = slot
    return RowReference(shard: Int(wanted % 3), slot: slot)
  }
}

@Suite("Feature window")
struct FeatureWindowTests {
  static let definition = ModelDefinition(
    name: "m", architecture: "fm", labels: ["click"],
    fields: [
      .init(name: "user", table: 0), .init(name: "item", table: 1), .init(name: "seen", shape: .multi, table: 1),
    ],
    tables: [
      .init(space: "user", dimension: 2, hasWeight: true), .init(space: "item", dimension: 2, hasWeight: true),
    ],
    dense: [.init(name: "age", steps: [.clip(lower: 0, upper: 5)])])

  static func group(_ start: ID) -> RowGroup {
    RowGroup(
      rowCount: 3,
      columns: [
        "label/click": .real([0, 1, .nan]),
        "dense/age": .real([2, .nan, 9]),
        "id/user": .ids(CodedIDs(distinct: [start, 3], codes: [0, 1, CodedIDs.missing])),
        "id/item": .ids(CodedIDs(distinct: [101, 8], codes: [0, 1, 1])),
        "id/seen": .ids(
          CodedIDs(distinct: [8, 9], codes: [0, 1, 0], offsets: [0, 2, 2, 3], weights: [1, 3, 5])),
      ])
  }

  /// The batch of rows of windows.
  private static func batch(
    _ parts: [(FeatureWindow, Range<Int>)], by rows: CountingRows, _ resolver: BatchResolver
  ) throws -> FeatureBatch {
    let raw = RawBatch(definition)
    raw.begin()
    for (window, rows) in parts { raw.append(rows, of: window) }
    var batch = FeatureBatch()
    try resolver.resolve(raw, by: rows, into: &batch)
    return batch
  }

  @Test func `A batch names each row of a table once and codes point at it`() throws {
    let window = try FeatureWindow(Self.definition, [Self.group(1), Self.group(2)], place: "log 't'")
    let resolver = BatchResolver(Self.definition)
    for _ in 0..<2 {
      let batch = try Self.batch([(window, 0..<5)], by: CountingRows(), resolver)
      #expect(batch.rowCount == 5)
      #expect(batch.labels[0].prefix(2) == [0, 1] && batch.labels[0][2].isNaN)
      #expect(batch.dense == [2, 0, 5, 2, 0])
      #expect(batch.fields[0].codes == [0, 1, 2, 3, 1])
      #expect(batch.tables[0].occurrences == [1, 2, 1, 1])
      // Items 101 (unknown), 8; then `seen`: 8, 9, missing, 8, 8, 9, missing.
      #expect(batch.fields[1].codes == [0, 1, 1, 0, 1])
      #expect(batch.fields[2].codes == [1, 2, 3, 1, 1, 2, 3])
      #expect(batch.fields[2].offsets == [0, 2, 3, 4, 6, 7])
      #expect(batch.fields[2].shares == [0.25, 0.75, 1, 1, 0.25, 0.75, 1])
      #expect(batch.tables[1].occurrences == [2, 6, 2, 2])
    }
  }

  @Test func `Rows grouped by shard are the same rows, and each keeps its place of first use`() throws {
    let window = try FeatureWindow(Self.definition, [Self.group(1), Self.group(2)], place: "log 't'")
    let plain = try Self.batch([(window, 0..<5)], by: CountingRows(), BatchResolver(Self.definition))
    let other = try FeatureWindow(Self.definition, [Self.group(1), Self.group(2)], place: "log 't'")
    let grouped = try Self.batch(
      [(other, 0..<5)], by: CountingRows(), BatchResolver(Self.definition, groupsByShard: true))
    for (plain, grouped) in zip(plain.tables, grouped.tables) {
      #expect(grouped.references.map(\.shard) == plain.references.map(\.shard).sorted())
      #expect(grouped.firstUse.map { grouped.references[Int($0)] } == plain.references)
      #expect(grouped.firstUse.map { grouped.occurrences[Int($0)] } == plain.occurrences)
      for (shard, start) in grouped.starts.dropLast().enumerated() {
        #expect(grouped.references[start..<grouped.starts[shard + 1]].allSatisfy { $0.shard == shard })
      }
    }
    for index in 0..<3 {
      let table = Self.definition.fields[index].table
      #expect(
        grouped.fields[index].codes.map { grouped.tables[table].references[Int($0)] }
          == plain.fields[index].codes.map { plain.tables[table].references[Int($0)] })
    }
  }

  @Test func `An ID is resolved once for all batches of a window, and only when one names it`() throws {
    let window = try FeatureWindow(Self.definition, [Self.group(1)], place: "log 't'")
    let (rows, resolver) = (CountingRows(), BatchResolver(Self.definition))
    for _ in 0..<3 { _ = try Self.batch([(window, 0..<1)], by: rows, resolver) }
    #expect(rows.calls == 4)
    #expect(rows.slots[0] == [1: 0])
  }

  @Test func `An ID of two groups is one of their window, and numbered when it is first read`() throws {
    let groups = [[5, 9, 3], [9, 7, 5]].map { (ids: [ID]) in
      RowGroup(
        rowCount: 4,
        columns: ["id/user": .ids(CodedIDs(distinct: ids, codes: [0, 1, 2, CodedIDs.missing]))])
    }
    let definition = ModelDefinition(
      name: "m", architecture: "lr", labels: [], fields: [.init(name: "user", table: 0)],
      tables: [.init(space: "user", dimension: 0, hasWeight: true)])
    let order: [UInt32] = [3, 4, 0, 6, 1, 2, 5, 7]
    let (room, memory) = (ColumnRoom(), WindowMemory())
    // The second window takes the room and the memory of the first.
    for _ in 0..<2 {
      let window = try FeatureWindow(definition, groups, order: order, place: "log 't'", room: room, memory: memory)
      let column = window.columns[0]
      #expect(column.codes.map { $0 } == [0, 1, 2, 2, 1, 3, 4, 0])
      #expect(Array(column.distinct.prefix(5)) == [ID.missing, 9, 5, 3, 7])
    }
  }

  @Test func `Codes of many groups of many IDs are the IDs of the rows in reading order`() throws {
    let definition = ModelDefinition(
      name: "m", architecture: "lr", labels: [], fields: [.init(name: "user", table: 0)],
      tables: [.init(space: "user", dimension: 0, hasWeight: true)])
    var random = SeededGenerator(seed: 5)
    var all: [ID] = []
    let groups = (0..<6).map { group in
      var ids = CodedIDs()
      for row in 0..<3_000 {
        let id = ID(random.below(4_000)) &* 0x1_0000_0001
        all.append(row % 10 == 0 ? .missing : id)
        ids.codes.append(row % 10 == 0 ? CodedIDs.missing : UInt32(ids.distinct.count))
        if row % 10 != 0 { ids.distinct.append(id) }
      }
      return RowGroup(rowCount: 3_000, columns: ["id/user": .ids(ids)])
    }
    var order = Array(0..<UInt32(all.count))
    random.shuffle(&order)
    let column = try FeatureWindow(definition, groups, order: order, place: "log 't'").columns[0]
    #expect(column.codes.map { column.distinct[Int($0)] } == order.map { all[Int($0)] })
    #expect(Set(column.codes).count == Set(all).count)
  }

  @Test func `Batches of two windows equal the batch of both together`() throws {
    let together = try FeatureWindow(Self.definition, [Self.group(1), Self.group(2)], place: "log 't'")
    let wanted = try Self.batch([(together, 0..<6)], by: CountingRows(), BatchResolver(Self.definition))
    let first = try FeatureWindow(Self.definition, [Self.group(1)], place: "log 't'")
    let second = try FeatureWindow(Self.definition, [Self.group(2)], place: "log 't'")
    let batch = try Self.batch(
      [(first, 0..<3), (second, 0..<3)], by: CountingRows(), BatchResolver(Self.definition))
    #expect(batch.labels[0].count == 6)
    #expect(batch.fields.map(\.offsets) == wanted.fields.map(\.offsets))
    #expect(batch.fields.map(\.shares) == wanted.fields.map(\.shares))
    #expect(batch.fields.map(\.codes) == wanted.fields.map(\.codes))
    #expect(batch.dense == wanted.dense)
  }

  /// Rows of one, no and three events: IDs, types and ages of each.
  private static func events(actions: [UInt32]) -> RowGroup {
    RowGroup(
      rowCount: 3,
      columns: [
        "label/click": .real([0, 1, 0]),
        "id/history": .ids(CodedIDs(distinct: [7, 8], codes: [0, 1, 0, 1], offsets: [0, 1, 1, 4])),
        "id/action": .ids(
          CodedIDs(distinct: [30, 20, 99], codes: actions, offsets: [0, 1, 1, UInt32(actions.count)])),
        "id/age": .ids(CodedIDs(distinct: [60, 5], codes: [0, 1, 0, 1], offsets: [0, 1, 1, 4])),
      ])
  }

  private static let eventful = ModelDefinition(
    name: "m", architecture: "dhen", labels: ["click"],
    fields: [
      .init(
        name: "history", shape: .sequence, table: 0, length: 2,
        events: EventFields(actions: "action", actionIDs: [20, 30], ages: "age"))
    ], tables: [.init(space: "item", dimension: 2, hasWeight: false)])

  @Test func `Types and ages stand beside the newest events, and an unknown type is 0`() throws {
    let window = try FeatureWindow(
      Self.eventful, [Self.events(actions: [0, 0, 1, 2])], order: [2, 1, 0], place: "log 't'")
    let raw = RawBatch(Self.eventful)
    raw.begin()
    raw.append(0..<3, of: window)
    var batch = FeatureBatch()
    try BatchResolver(Self.eventful).resolve(raw, by: CountingRows(), into: &batch)
    #expect(batch.fields[0].offsets == [0, 2, 2, 3])
    #expect(batch.fields[0].codes == [0, 1, 0])
    #expect(batch.fields[0].actions == [1, 0, 2])
    #expect(batch.fields[0].ages == [60, 5, 60])
  }

  @Test func `Sequences of one row's events that differ in length are refused by name`() {
    let error = #expect(throws: QueryError.self) {
      try FeatureWindow(Self.eventful, [Self.events(actions: [0, 0, 1])], place: "log 't'")
    }
    #expect(error?.code == "query.unequal-sequences")
    #expect(error?.message.hasPrefix("log 't': a row has 3 values of 'history' and 2 of 'action'") == true)
  }

  @Test func `A log without a field of the model is refused by name`() {
    var group = Self.group(1)
    group.columns["id/item"] = nil
    let error = #expect(throws: QueryError.self) {
      try FeatureWindow(Self.definition, [group], place: "log 'monday'")
    }
    #expect(error?.message == "log 'monday' has no ID field 'item', which the model reads")
  }
}

@Suite("Dense transforms")
struct DenseDefinitionTests {
  @Test func `Standardise uses the present values after the transforms before it`() {
    let field = DenseField(name: "x", transforms: [.log1p, .standardise])
    let raw: [Float] = [0, .nan, 3, 8]
    let settled = DenseDefinition(field) { visit in raw.forEach(visit) }
    let values = raw.map { settled($0) }
    #expect(values[1] == 0)
    let present = [values[0], values[2], values[3]]
    #expect(abs(present.reduce(0, +)) < 1e-6)
    #expect(abs(present.reduce(0) { $0 + $1 * $1 } / 3 - 1) < 1e-6)
  }

  @Test func `A field of one value is read as 0`() {
    let settled = DenseDefinition(DenseField(name: "x", transforms: [.standardise])) { visit in
      for _ in 0..<4 { visit(7) }
    }
    #expect(settled(7) == 0)
  }

  @Test func `Buckets count the boundaries that are reached, clips keep the range, log1p keeps the sign`() {
    let buckets = DenseDefinition(name: "x", steps: [.bucketise([1, 2, 3])])
    #expect([0, 1, 2.5, 9].map { buckets($0) } == [0, 1, 2, 3])
    let clip = DenseDefinition(name: "x", steps: [.clip(lower: -1, upper: 1)])
    #expect([-5, 0.5, 5].map { clip($0) } == [-1, 0.5, 1])
    let log = DenseDefinition(name: "x", steps: [.log1p])
    #expect(log(-3) == -log(3))
  }
}
