import Foundation
import LoamQuery
import LoamStore
import Testing

@Suite struct NearestTests {
  static let dimension = 20
  let directory = FileManager.default.temporaryDirectory.appending(path: "loam-nearest-\(UUID())").path

  /// 1,500 rows in three shards, drawn from few values so that ties are many; row 7 is zero, 8 and 9 are alike.
  func reader() throws -> (EmbeddingReader, [UInt64: [Float]]) {
    try reader(try Store.create(at: directory, options: StoreOptions(shards: 3)))
  }

  func reader(_ store: Store) throws -> (EmbeddingReader, [UInt64: [Float]]) {
    let spec = TableSpec(
      TableName(.embedding, "m/item"), columns: [ColumnSpec("vector", .f32, width: Self.dimension)])
    let write = try store.begin([spec])
    let writer = try IDTableWriter(write, spec)
    var random = SystemRandomNumberGenerator()
    var vectors: [UInt64: [Float]] = [:]
    for id in UInt64(0)..<1_500 {
      var vector = (0..<Self.dimension).map { _ in Float(Int.random(in: -2...2, using: &random)) }
      if id == 7 { vector = Array(repeating: 0, count: Self.dimension) }
      if id == 9 { vector = vectors[8]! }
      vectors[id] = vector
      let row = try writer.mutableRow(0, try writer.findOrInsert(id)).assumingMemoryBound(to: Float.self)
      row.update(from: vector, count: Self.dimension)
    }
    for reserved in [UInt64.max, UInt64.max - 1] { _ = try writer.findOrInsert(reserved) }
    // A row that was there and is gone.
    let gone = try writer.findOrInsert(9_999)
    try writer.mutableRow(0, gone).assumingMemoryBound(to: Float.self).update(repeating: 9, count: Self.dimension)
    _ = try writer.remove(9_999)
    try writer.flush()
    _ = try write.publish()
    let snapshot = try store.snapshot()
    return (try #require(try EmbeddingReader(snapshot, model: "m", space: "item")), vectors)
  }

  func bruteForce(_ query: [Float], _ vectors: [UInt64: [Float]], _ similarity: Similarity) -> [(UInt64, Double)] {
    let values = vectors.map { id, vector -> (UInt64, Double) in
      func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
      switch similarity {
      case .dot: return (id, dot(query, vector))
      case .l2: return (id, zip(query, vector).reduce(0) { $0 + pow(Double($1.0 - $1.1), 2) }.squareRoot())
      case .cosine:
        let lengths = (dot(query, query) * dot(vector, vector)).squareRoot()
        return (id, lengths > 0 ? dot(query, vector) / lengths : 0)
      }
    }
    return values.sorted {
      $0.1 != $1.1 ? (similarity == .l2 ? $0.1 < $1.1 : $0.1 > $1.1) : $0.0 < $1.0
    }
  }

  @Test(arguments: Similarity.allCases)
  func `The nearest rows are those of a full sort, alone or in a batch, by one thread or three`(
    by similarity: Similarity
  ) throws {
    let (items, vectors) = try reader()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let asked = (0..<11).map { UInt64($0) * 97 % 1_500 } + [7]
    let queries = asked.flatMap { vectors[$0]! }
    for threads in [1, 3] {
      let batch = try items.nearest(to: queries, count: 12, by: similarity, threads: threads)
      for (place, id) in asked.enumerated() {
        let wanted = bruteForce(vectors[id]!, vectors, similarity).prefix(12)
        let single = try items.nearest(to: vectors[id]!, count: 12, by: similarity, threads: threads)[0]
        for found in [batch[place], single] {
          #expect(found.count == 12)
          // At the border of equal values rounding may choose; the values themselves may not differ.
          for (one, other) in zip(found, wanted) { #expect(abs(Double(one.value) - other.1) < 1e-5) }
          for one in found {
            let own = bruteForce(vectors[id]!, [one.id: vectors[one.id]!], similarity)[0].1
            #expect(abs(Double(one.value) - own) < 1e-5)
          }
        }
      }
    }
  }

  @Test(arguments: Similarity.allCases)
  func `The nearest rows by codes of 8 bits are those of a full sort, ties and all`(by similarity: Similarity) throws {
    let (items, vectors) = try reader()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let codes = try NearestCodes(items)
    for (id, threads) in [(UInt64(97), 1), (8, 2), (7, 3), (194, 1)] {
      let query = vectors[id]!.map { $0 * 1.37 }
      let values = Dictionary(uniqueKeysWithValues: bruteForce(query, vectors, similarity).map { ($0.0, Float($0.1)) })
      for count in [1, 12, 2_000] {
        let found = try codes.nearest(to: query, count: count, by: similarity, threads: threads)
        // What is shown is f32, and ranks by it: of equal ones the smaller ID.
        let wanted = values.sorted {
          $0.value != $1.value ? (similarity == .l2 ? $0.value < $1.value : $0.value > $1.value) : $0.key < $1.key
        }
        #expect(found.count == min(count, 1_500))
        for (one, other) in zip(found, wanted) {
          #expect(abs(one.value - other.value) <= 1e-6 * max(1, abs(other.value)))
        }
        let even = try codes.nearest(to: query, count: count, by: similarity, threads: threads) { $0 % 2 == 0 }
        if count == 2_000 { #expect(even.map(\.value) == found.filter { $0.id % 2 == 0 }.map(\.value)) }
        #expect(even.allSatisfy { $0.id % 2 == 0 })
      }
    }
  }

  /// Vectors of which the codes tell little: one element is large, the others differ far below a step of the codes.
  @Test(arguments: Similarity.allCases)
  func `Codes miss no neighbour where they are coarse`(by similarity: Similarity) throws {
    let store = try Store.create(at: directory, options: StoreOptions(shards: 2))
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let spec = TableSpec(TableName(.embedding, "m/item"), columns: [ColumnSpec("vector", .f32, width: 7)])
    let write = try store.begin([spec])
    let writer = try IDTableWriter(write, spec)
    var vectors: [UInt64: [Float]] = [:]
    for id in UInt64(0)..<800 {
      let vector = [100] + (1..<7).map { Float(Int(id) * 31 * $0 % 97) / 97 }
      vectors[id] = vector
      try writer.mutableRow(0, writer.findOrInsert(id)).assumingMemoryBound(to: Float.self).update(
        from: vector, count: 7)
    }
    try writer.flush()
    _ = try write.publish()
    let codes = try NearestCodes(try #require(try EmbeddingReader(try store.snapshot(), model: "m", space: "item")))
    for id in [UInt64(0), 13, 400] {
      let query = [0.01] + Array(vectors[id]!.dropFirst())
      let found = try codes.nearest(to: query, count: 10, by: similarity)
      let wanted = bruteForce(query, vectors, similarity)
      let values = Dictionary(uniqueKeysWithValues: wanted.map { ($0.0, $0.1) })
      #expect(found.count == 10)
      // What the tenth has, to the last digits of f32: no row that was passed over is nearer.
      for (one, other) in zip(found, wanted) {
        #expect(abs(values[one.id]! - other.1) <= 1e-7 * abs(other.1) && abs(Double(one.value) - other.1) < 1e-4)
      }
    }
  }

  @Test func `Equal neighbours come by ID, the asked ID and unwanted ones do not come, nor do reserved rows`() throws {
    let (items, vectors) = try reader()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let near = try #require(try items.nearest(to: 8, count: 3))
    #expect(near[0].id == 9 && near[0].value == 1)
    #expect(try items.nearest(to: vectors[8]!, count: 2)[0].map(\.id) == [8, 9])
    let even = try #require(try items.nearest(to: 8, count: 5) { $0 % 2 == 0 })
    #expect(even.count == 5 && even.allSatisfy { $0.id % 2 == 0 && $0.id != 8 })
    let all = try items.nearest(to: vectors[8]!, count: 5_000)[0]
    #expect(all.count == 1_500 && !all.contains { $0.id > 1_499 })
    #expect(try items.nearest(to: 1_000_000, count: 1) == nil)
    #expect(try items.nearest(to: [], count: 1).isEmpty)
  }

  @Test func `Patched rows are found where their newest values lie`() throws {
    let store = try Store.create(at: directory, options: StoreOptions(shards: 3))
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let (_, vectors) = try reader(store)
    let name = TableName(.embedding, "m/item")
    for (id, value) in [(UInt64(11), Float(50)), (12, 40)] {
      let write = try store.begin([try #require(try store.snapshot().spec(name))])
      let writer = try IDTableWriter(write, write.spec(name))
      let row = try writer.mutableRow(0, try writer.find(id)).assumingMemoryBound(to: Float.self)
      row.update(repeating: value, count: Self.dimension)
      try writer.flush()
      _ = try write.publish()
    }
    let snapshot = try store.snapshot()
    let patched = try #require(try EmbeddingReader(snapshot, model: "m", space: "item"))
    let query = [Float](repeating: 1, count: Self.dimension)
    let found = try patched.nearest(to: query + vectors[3]!, count: 2, by: .dot)
    #expect(found[0].map(\.id) == [11, 12] && found[0].map(\.value) == [1_000, 800])
    #expect(try patched.nearest(to: query, count: 2, by: .dot)[0] == found[0])
  }

  @Test func `Vectors of another type are refused, not read as f32`() throws {
    let store = try Store.create(at: directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let spec = TableSpec(TableName(.embedding, "m/item"), columns: [ColumnSpec("vector", .f16, width: 8)])
    let write = try store.begin([spec])
    let writer = try IDTableWriter(write, spec)
    _ = try writer.findOrInsert(1)
    try writer.flush()
    _ = try write.publish()
    let items = try #require(try EmbeddingReader(try store.snapshot(), model: "m", space: "item"))
    #expect(throws: QueryError.self) { try items.nearest(to: [Float](repeating: 1, count: 8), count: 1) }
  }
}
