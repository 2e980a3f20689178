import LoamSchema
import LoamStore
import Testing

@Suite struct LookupPoolingTests {
  @Test(arguments: ["vector", "half", "brain", "byte", "untouched"])
  func bagsArePooledInTheOrderOfTheirIDs(name: String) throws {
    let table = try LookupStore(rows: 1_500, shards: 3, seed: 21)
    let reader = try table.reader()
    let column = try reader.columnIndex(name)
    let width = reader.spec.columns[column].width
    var random = SeededGenerator(4)
    var ids: [ID] = []
    var weights: [Float] = []
    var offsets: [UInt32] = [0]
    for bag in 0..<200 {
      // Some empty, some longer than a group.
      let count = bag % 50 == 7 ? 600 : Int.random(in: 0...6, using: &random)
      for _ in 0..<count {
        let known = Int.random(in: 0..<5, using: &random) > 0
        ids.append(known ? table.ids.randomElement(using: &random)! : random.next())
        weights.append(Float.random(in: -1...1, using: &random))
      }
      offsets.append(UInt32(ids.count))
    }
    let rows: [Float] = try reader.lookup(ids, column: column)
    for kind in 0..<3 {
      var expected = [Float](repeating: 0, count: 200 * width)
      for bag in 0..<200 {
        for position in Int(offsets[bag])..<Int(offsets[bag + 1]) {
          for element in 0..<width {
            expected[bag * width + element] += (kind == 2 ? weights[position] : 1) * rows[position * width + element]
          }
        }
        let count = Float(offsets[bag + 1] - offsets[bag])
        if kind == 1 && count > 0 { for element in 0..<width { expected[bag * width + element] /= count } }
      }
      var pooled = [Float](repeating: 9, count: 200 * width)
      try pooled.withUnsafeMutableBufferPointer { out in
        try ids.withUnsafeBufferPointer { ids in
          try offsets.withUnsafeBufferPointer { offsets in
            try weights.withUnsafeBufferPointer { weights in
              let pooling: Pooling = kind == 0 ? .sum : kind == 1 ? .mean : .weighted(weights)
              try reader.lookup(ids, bags: offsets, pooling, column: column, into: out)
            }
          }
        }
      }
      #expect(pooled == expected, "\(name) \(kind)")
    }
  }
}
