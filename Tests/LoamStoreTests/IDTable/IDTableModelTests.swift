import LoamSchema
import LoamStore
import Testing

/// An ID table beside a dictionary.
@Suite struct IDTableModelTests {
  static let name = TableName(.embedding, "m/t")
  static let spec = TableSpec(
    name,
    columns: [
      ColumnSpec("vector", .f32, width: 16, initial: .normal(deviation: 0.1, seed: 3)),
      ColumnSpec("state", .f32, width: 1, blockPages: 1),
      ColumnSpec("wide", .u8, width: 9_000),
    ])

  private static func vector(_ table: IDTableReader, _ id: ID) throws -> [Float] {
    var vector = [Float](repeating: 0, count: 16)
    let row = try table.find(id)
    try vector.withUnsafeMutableBytes { try table.read("vector", [row], into: $0.baseAddress!) }
    return vector
  }

  @Test(arguments: [1, 4, 7])
  func randomInsertsAndUpdatesReadBackAsWritten(shards: Int) throws {
    for seed in UInt64(1)...3 {
      var random = SeededGenerator(seed)
      let scratch = try StructureStore(shards: shards)
      let write = try scratch.store.begin([Self.spec])
      let table = try IDTableWriter(write, Self.spec)
      var model: [ID: [Float]] = [:]
      var known: [ID] = []
      for round in 0..<4 {
        for _ in 0..<Int.random(in: 1...900, using: &random) {
          let fresh = known.isEmpty || Bool.random(using: &random)
          let id = fresh ? random.next() % (round == 0 ? 50 : .max) : known.randomElement(using: &random)!
          let row = try table.findOrInsert(id)
          #expect(try table.id(of: row) == id)
          if model[id] == nil {
            known.append(id)
            let initial = try table.row(0, row).assumingMemoryBound(to: Float.self)
            model[id] = (0..<16).map { initial[$0] }
          }
          // An early flush: what is put again, or split after it, replaces it.
          if Int.random(in: 0..<400, using: &random) == 0 { try table.flush() }
          guard Bool.random(using: &random) else { continue }
          let vector = try table.mutableRow(0, row).assumingMemoryBound(to: Float.self)
          for element in 0..<16 {
            vector[element] += Float(element)
            model[id]![element] += Float(element)
          }
        }
        try table.flush()
        try write.publish(PublishOptions(goOn: true))
        try table.rebase()
        let reader = try #require(try IDTableReader(write.base, Self.name))
        try reader.check()
        #expect(try reader.computeRoot().value == scratch.root(Self.name), "seed \(seed) round \(round)")
        #expect(reader.rowCount == model.count)
        for (id, vector) in model { #expect(try Self.vector(reader, id) == vector, "seed \(seed) ID \(id)") }
        for _ in 0..<200 {
          let id = random.next()
          if model[id] == nil { #expect(try reader.find(id).isNone, "seed \(seed) ID \(id)") }
        }
      }
    }
  }

  @Test func theRootDependsOnContentAlone() throws {
    var roots: Set<UInt128> = []
    for (shards, batch, pages) in [(1, 5_000, 4), (4, 613, 1), (7, 99_999, 2)] {
      var spec = TableSpec(TableName(.embedding, "m/r"))
      spec.columns = [
        ColumnSpec("vector", .f32, width: 5, initial: .uniform(bound: 1, seed: 9), blockPages: pages),
        ColumnSpec("count", .u64, blockPages: pages),
      ]
      let scratch = try StructureStore(shards: shards)
      let write = try scratch.store.begin([spec])
      let table = try IDTableWriter(write, spec)
      var ids = (0..<5_000).map { UInt64($0) * 977 }
      if shards == 4 { ids.reverse() }
      for (position, id) in ids.enumerated() {
        let row = try table.findOrInsert(id)
        if id % 3 == 0 { try table.mutableRow(1, row).storeBytes(of: id, as: UInt64.self) }
        if id % 100 == 0 { try table.mutableRow(0, row).storeBytes(of: 0.5, as: Float.self) }
        if position % batch == batch - 1 {
          try table.flush()
          try write.publish(PublishOptions(goOn: true))
          try table.rebase()
        }
      }
      try table.flush()
      try write.publish()
      roots.insert(try scratch.root(spec.name))
    }
    #expect(roots.count == 1)
  }

  @Test func aRowSetBackToItsInitialValueLeavesNoTraceInTheRoot() throws {
    let scratch = try StructureStore(shards: 2)
    let write = try scratch.store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    for id in UInt64(0)..<300 { _ = try table.findOrInsert(id) }
    try table.flush()
    try write.publish(PublishOptions(goOn: true))
    try table.rebase()
    let before = try scratch.root(Self.name)
    let row = try table.find(7)
    let first = try table.row(0, row).load(as: Float.self)
    for value in [first + 1, first] {
      try table.mutableRow(0, table.find(7)).storeBytes(of: value, as: Float.self)
      try table.flush()
      try write.publish(PublishOptions(goOn: true))
      try table.rebase()
      #expect((try scratch.root(Self.name) == before) == (value == first))
    }
  }
}
