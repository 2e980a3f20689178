import LoamSchema
import LoamStore
import Testing

/// Estimated counts beside the true ones of a planted distribution.
@Suite struct CountMinTests {
  /// Frequent IDs, a middle and a long tail, in random order: 60,000 occurrences of 20,230 IDs.
  private static func occurrences(_ seed: UInt64) -> [ID] {
    var ids: [ID] = []
    for id in 0..<30 { ids += [ID](repeating: ID(id), count: 1_000) }
    for id in 30..<230 { ids += [ID](repeating: ID(id), count: 50) }
    for id in 230..<20_230 { ids.append(ID(id)) }
    var random = SeededGenerator(seed)
    ids.shuffle(using: &random)
    return ids
  }

  private static func sketch(
    _ ids: [ID], _ shape: CountMinShape, shards: Int = 2, batch: Int = .max, publishes: Bool = false
  ) throws -> (store: StructureStore, last: [UInt32]) {
    let scratch = try StructureStore(shards: shards)
    let write = try scratch.store.begin([.sketch(space: "item", log: "train")])
    let writer = try CountMinWriter(write, space: "item", log: "train", shape)
    var last: [UInt32] = []
    for start in stride(from: 0, to: ids.count, by: min(batch, ids.count)) {
      last += try writer.count(Array(ids[start..<start + min(batch, ids.count - start)]))
      guard publishes else { continue }
      try writer.table.flush()
      try write.publish(PublishOptions(goOn: true))
      try writer.table.rebase()
    }
    try writer.table.flush()
    try write.publish()
    return (scratch, last)
  }

  @Test(arguments: [(0.001, 0.01), (0.0002, 0.05), (0.01, 0.3)])
  func estimatesAreNeverTooLowAndSeldomTooHigh(epsilon: Double, delta: Double) throws {
    let ids = Self.occurrences(5)
    let counts = Dictionary(ids.map { ($0, UInt64(1)) }, uniquingKeysWith: +)
    let shape = try CountMinShape(epsilon: epsilon, delta: delta)
    let (scratch, _) = try Self.sketch(ids, shape)
    let reader = try #require(try CountMinReader(scratch.store.snapshot(), space: "item", log: "train"))
    #expect(reader.total == UInt64(ids.count) && reader.shape == shape)
    let bound = shape.bound(total: reader.total)
    var beyond = 0
    for (id, count) in counts {
      let estimate = try reader.estimate(id)
      #expect(estimate >= count, "ID \(id)")
      if estimate > count + bound { beyond += 1 }
    }
    #expect(Double(beyond) <= delta * Double(counts.count))
    // IDs that never occurred keep to the same bound.
    let strangers = try (50_000..<51_000).count { try reader.estimate(ID($0)) > bound }
    #expect(Double(strangers) <= delta * 1_000)
  }

  @Test func theSketchDependsOnTheOccurrencesAlone() throws {
    let ids = Array(Self.occurrences(7).prefix(20_000))
    let shape = try CountMinShape(epsilon: 0.005, delta: 0.05)
    let (whole, last) = try Self.sketch(ids, shape)
    let name = TableName(.sketch, "item/train")
    for (shards, batch, publishes) in [(1, 777, false), (3, 6_000, true)] {
      let (cut, lastOfCut) = try Self.sketch(ids, shape, shards: shards, batch: batch, publishes: publishes)
      #expect(lastOfCut == last)
      #expect(try cut.root(name) == whole.root(name))
      #expect(try cut.store.snapshot().computeRoot(of: name).value == whole.root(name))
    }
  }

  @Test func anotherShapeIsRefused() throws {
    #expect(throws: StoreError.self) { try CountMinShape(epsilon: 0, delta: 0.1) }
    #expect(throws: StoreError.self) { try CountMinShape(epsilon: 1e-8, delta: 1e-9) }
    let (scratch, _) = try Self.sketch([1, 2, 3], try CountMinShape(epsilon: 0.01, delta: 0.1))
    let write = try scratch.store.begin([.sketch(space: "item", log: "train")])
    let other = try CountMinShape(epsilon: 0.01, delta: 0.01)
    let error = #expect(throws: StoreError.self) {
      try CountMinWriter(write, space: "item", log: "train", other)
    }
    #expect(error?.reason == .mismatch && error?.message.contains("delta 0.1, not 0.01 and 0.01") == true)
  }

  @Test func memoryIsWhatTheShapeSays() throws {
    let shape = try CountMinShape(epsilon: 1e-6, delta: 0.01)
    #expect(shape.width == 2_718_282 && shape.depth == 5 && shape.bytes == 54_365_640)
  }
}
