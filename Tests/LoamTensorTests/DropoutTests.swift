import LoamTensor
import Testing

@Suite struct DropoutTests {
  static func mask(step: UInt64, layer: String = "a", rows: Int, columns: Int, firstRow: Int = 0) -> [Bool] {
    let tape = Tape()
    tape.begin(lane: Lane(firstRow: firstRow))
    let ones = Tensor(Shape(rows, columns), [Float](repeating: 1, count: rows * columns))
    let y = tape.dropout(tape.input(ones), probability: 0.3, key: DropoutKey(seed: 8, step: step, layer: layer))
    let values = tape.value(of: y).values
    #expect(values.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-6 })
    return values.map { $0 != 0 }
  }

  @Test func `the share kept is right in each column and each row, and neighbours are independent`() {
    let (rows, columns) = (2000, 100)
    let mask = Self.mask(step: 1, rows: rows, columns: columns)
    for column in 0..<columns {
      let kept = (0..<rows).count { mask[$0 * columns + column] }
      #expect(abs(Double(kept) / Double(rows) - 0.7) < 0.05)
    }
    for (dr, dc) in [(0, 1), (1, 0), (1, 1), (16, 0)] {
      var both = 0, total = 0
      for row in 0..<(rows - dr) {
        for column in 0..<(columns - dc) {
          total += 1
          if mask[row * columns + column] && mask[(row + dr) * columns + column + dc] { both += 1 }
        }
      }
      #expect(abs(Double(both) / Double(total) - 0.49) < 0.006, "offset \(dr), \(dc)")
    }
  }

  @Test func `a row's mask depends on its place in the batch, not on the lane`() {
    let whole = Self.mask(step: 1, rows: 20, columns: 9)
    #expect(Array(whole[(8 * 9)...]) == Self.mask(step: 1, rows: 12, columns: 9, firstRow: 8))
  }

  @Test func `another step or another layer is another mask`() {
    let mask = Self.mask(step: 1, rows: 20, columns: 9)
    #expect(mask != Self.mask(step: 2, rows: 20, columns: 9))
    #expect(mask != Self.mask(step: 1, layer: "b", rows: 20, columns: 9))
  }
}
