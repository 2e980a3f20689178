import Testing

@testable import LoamTensor

/// Products by distinct vectors beside those by whole rows.
@Suite struct PickedProductTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rows: Int
    /// IDs of each field.
    var ids: [Int]
    var width: Int
    var dense: Int
    var outputs: Int
    var testDescription: String { "\(rows) rows, \(ids) IDs of \(width), \(dense) dense, \(outputs) outputs" }
  }

  static let cases = [
    Case(rows: 70, ids: [1, 3, 40, 2], width: 8, dense: 0, outputs: 32),
    Case(rows: 301, ids: [120, 5], width: 16, dense: 13, outputs: 45),
    Case(rows: 64, ids: [7, 30], width: 24, dense: 1, outputs: 96),
    Case(rows: 200, ids: [100, 2, 100], width: 32, dense: 35, outputs: 49),
    Case(rows: 17, ids: [9], width: 40, dense: 16, outputs: 64),
    // More vectors of a field than are summed at once.
    Case(rows: 600, ids: [500, 3], width: 16, dense: 5, outputs: 100),
  ]

  /// Skewed draws, so that vectors are picked once and often.
  private static func codes(_ test: Case) -> [[UInt32]] {
    test.ids.enumerated().map { field, ids in
      let random = CounterRandom(seed: 5, stream: UInt64(field))
      return (0..<UInt64(test.rows)).map {
        UInt32(random.uniform(2 * $0) * random.uniform(2 * $0 + 1) * Float(ids))
      }
    }
  }

  private static func tensor(_ shape: Shape, _ stream: UInt64) -> Tensor {
    Tensor(
      shape,
      (0..<UInt32(shape.count)).map { Float(($0 &+ 7919 &* UInt32(stream)) &* 2_654_435_761 >> 16) / 32_768 - 1 })
  }

  private static func picks(_ codes: [[UInt32]], below limit: Int) -> FieldPicks {
    let picks = FieldPicks()
    picks.begin(rows: codes[0].count, fields: codes.count, codesBelow: limit)
    for field in codes { picks.append(field) }
    return picks
  }

  /// Value, and the gradients of vectors, weight, bias and other columns, of an operation on `[rows, columns]` that was
  /// put together from picked vectors, or given whole.
  private static func run(
    _ test: Case, whole: Bool, outputs: Int, fixed: Bool = false,
    _ operation: (Tape, Variable, Variable, Variable) -> Variable
  ) -> [[Float]] {
    let codes = codes(test), picks = picks(codes, below: test.ids.max()!), tape = Tape()
    tape.begin()
    let vectors = tape.input(tensor(Shape(picks.count, test.width), 1), wantsGradient: !fixed)
    let columns = test.ids.count * test.width
    var x = tape.reshape(tape.pick(vectors, picks), Shape(test.rows, columns))
    // Half of the other columns want no gradient.
    let others = [test.dense / 2, test.dense - test.dense / 2].enumerated().filter { $1 > 0 }.map {
      tape.input(tensor(Shape(test.rows, $1), 2 + UInt64($0)), wantsGradient: $0 == 1)
    }
    if !others.isEmpty { x = tape.concat([x] + others) }
    // As models of vectors do.
    x = tape.reshape(tape.reshape(x, Shape(test.rows, 1, x.shape[1])), x.shape)
    // Hides from the tape how x was put together.
    if whole { x = tape.scale(x, by: 1) }
    let weight = tape.input(tensor(Shape(outputs, columns + test.dense), 4), wantsGradient: true)
    #expect((tape.picked(x, weight: weight) == nil) == whole)
    let bias = tape.input(tensor(Shape(outputs), 5), wantsGradient: true)
    let y = operation(tape, x, weight, bias)
    tape.backward(from: tape.sum(tape.multiply(y, tape.input(tensor(y.shape, 6)))))
    return [tape.value(of: y).values]
      + ([vectors, weight, bias] + others.suffix(1)).map { tape.gradient(of: $0)?.values ?? [] }
  }

  private static func expectAlike(_ found: [[Float]], _ expected: [[Float]]) {
    #expect(found.count == expected.count && !expected[2].isEmpty)
    for (name, (a, b)) in zip(["value", "vectors", "weight", "bias", "other columns"], zip(found, expected)) {
      let largest = b.reduce(0) { max($0, abs($1)) }
      #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * largest }, "\(name)")
    }
  }

  @Test(arguments: cases, [false, true])
  func `a linear layer and its gradients are those of whole rows`(_ test: Case, relu: Bool) {
    let runs = [false, true].map { whole in
      Self.run(test, whole: whole, outputs: test.outputs) { $0.linear($1, weight: $2, bias: $3, relu: relu) }
    }
    Self.expectAlike(runs[0], runs[1])
  }

  @Test(arguments: cases)
  func `vectors that want no gradient leave those of the others as they are`(_ test: Case) {
    let runs = [(false, true), (true, true), (false, false)].map { whole, fixed in
      Self.run(test, whole: whole, outputs: test.outputs, fixed: fixed) { $0.linear($1, weight: $2, bias: $3) }
    }
    Self.expectAlike(runs[0], runs[1])
    #expect(runs[0][1].isEmpty && runs[0][2] == runs[2][2])
  }

  @Test func `a weight that wants no gradient leaves that of the vectors as it is`() {
    let picks = Self.picks([[0, 1, 0, 1], [0, 0, 0, 0]], below: 2)
    let gradients = [false, true].map { wanted -> [Float] in
      let tape = Tape()
      tape.begin()
      let vectors = tape.input(Self.tensor(Shape(3, 16), 1), wantsGradient: true)
      let x = tape.reshape(tape.pick(vectors, picks), Shape(4, 32))
      let weight = tape.input(Self.tensor(Shape(32, 32), 2), wantsGradient: wanted)
      tape.backward(from: tape.sum(tape.linear(x, weight: weight)))
      return tape.gradient(of: vectors)!.values
    }
    #expect(zip(gradients[0], gradients[1]).allSatisfy { abs($0 - $1) < 1e-4 } && gradients[0].contains { $0 != 0 })
  }

  @Test(arguments: cases)
  func `two layers of one input add up, and so does what else reads its vectors`(_ test: Case) {
    let runs = [false, true].map { whole in
      Self.run(test, whole: whole, outputs: test.outputs) { tape, x, weight, bias in
        let y = tape.linear(x, weight: weight, bias: bias)
        let z = tape.multiply(y, tape.linear(x, weight: weight))
        return tape.add(z, column: tape.sum(tape.square(x), axis: 1))
      }
    }
    Self.expectAlike(runs[0], runs[1])
  }

  @Test(arguments: cases)
  func `a cross layer and its gradients are those of whole rows`(_ test: Case) {
    let columns = test.ids.count * test.width + test.dense
    let runs = [false, true].map { whole in
      Self.run(test, whole: whole, outputs: columns) {
        $0.cross(x0: $1, input: $1, weight: $2, bias: $3, skip: $1)
      }
    }
    Self.expectAlike(runs[0], runs[1])
  }

  @Test func `vectors are numbered by field in the order of their first rows`() {
    let picks = Self.picks([[7, 7, 2, 7], [4, 9, 9, 9]], below: 10)
    #expect(picks.count == 4 && (0..<2).map { picks.vectors(of: $0) } == [0..<2, 2..<4])
    #expect((0..<2).map { Array(picks.codes(of: $0)) } == [[7, 2], [4, 9]])
    let vectors = Tensor(Shape(4, 1), [10, 20, 30, 40])
    let matrix = picks.matrix(vectors)
    #expect(Array(UnsafeBufferPointer(start: matrix.places, count: 8)) == [0, 2, 0, 3, 1, 3, 0, 3])
    #expect(Array(UnsafeBufferPointer(start: matrix.firsts, count: 5)) == [0, 3, 4, 5, 8])
    #expect(Array(UnsafeBufferPointer(start: matrix.picks, count: 8)) == [0, 1, 3, 2, 0, 1, 2, 3])
    let tape = Tape()
    tape.begin()
    #expect(tape.value(of: tape.pick(tape.input(vectors), picks)).values == [10, 30, 10, 40, 20, 40, 10, 40])
  }

  @Test func `vectors that were joined one by one are not taken for rows`() {
    // [2, 3, 8] and [2, 3, 8] along the last axis are 48 columns, but not three fields followed by 24 others.
    let picks = Self.picks([[0, 0], [0, 0], [0, 0]], below: 1), tape = Tape()
    tape.begin()
    let vectors = tape.pick(tape.input(Self.tensor(Shape(3, 8), 1)), picks)
    let joined = tape.concat(vectors, tape.input(Self.tensor(Shape(2, 3, 8), 2)))
    let weights = [48, 24].map { tape.input(Self.tensor(Shape(32, $0), 3), wantsGradient: true) }
    #expect(tape.picked(tape.reshape(joined, Shape(2, 48)), weight: weights[0]) == nil)
    #expect(tape.picked(tape.reshape(vectors, Shape(2, 24)), weight: weights[1]) != nil)
  }

  @Test func `rows are multiplied whole where vectors seldom repeat or do not fill registers`() {
    for (ids, width, outputs) in [(100, 8, 32), (4, 10, 32), (4, 8, 31)] {
      let codes = (0..<100).map { UInt32($0 % ids) }
      let picks = Self.picks([codes], below: ids)
      let tape = Tape()
      tape.begin()
      let x = tape.pick(tape.input(Self.tensor(Shape(picks.count, width), 1)), picks)
      let weight = tape.input(Self.tensor(Shape(outputs, width), 2), wantsGradient: true)
      #expect(tape.picked(tape.reshape(x, Shape(100, width)), weight: weight) == nil)
    }
  }

  @Test func `memory is used again from step to step`() {
    let test = Self.cases[1], codes = Self.codes(test), picks = FieldPicks(), tape = Tape()
    var made: [Int] = []
    for _ in 0..<3 {
      picks.begin(rows: test.rows, fields: codes.count, codesBelow: test.ids.max()!)
      for field in codes { picks.append(field) }
      tape.begin()
      let vectors = tape.input(Self.tensor(Shape(picks.count, test.width), 1), wantsGradient: true)
      let x = tape.reshape(tape.pick(vectors, picks), Shape(test.rows, codes.count * test.width))
      let weight = tape.input(Self.tensor(Shape(40, x.shape[1]), 2), wantsGradient: true)
      tape.backward(from: tape.sum(tape.linear(x, weight: weight)))
      made.append(tape.arena.storagesMade)
    }
    #expect(made[1] == made[0] && made[2] == made[0])
  }
}
