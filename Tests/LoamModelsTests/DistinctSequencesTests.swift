import LoamTensor
import Testing

@testable import LoamModels

@Suite struct DistinctSequencesTests {
  /// Events of six rows by their codes, oldest first; rows 0 to 2 and 3 to 4 are equal.
  static let rows: [[Int]] = [[1, 2], [1, 2], [1, 2], [2], [2], [1, 2, 1]]

  static func sequence(_ tape: Tape, withCodes: Bool) -> SequenceInput {
    let length = 4
    let (vectors, mask) = (Tensor(Shape(rows.count, length, 4)), Tensor(Shape(rows.count, length)))
    let codes = Tensor(Shape(rows.count, length))
    let values = ModelTests.numbers(3, Shape(3, 4))
    for (row, events) in rows.enumerated() {
      for (place, code) in events.enumerated() {
        let step = length - events.count + place
        mask[row, step] = 1
        codes[row, step] = Float(code)
        for column in 0..<4 { vectors[row * length + step, column] = values[code, column] }
      }
    }
    return SequenceInput(vectors: tape.input(vectors), mask: mask, codes: withCodes ? codes : nil)
  }

  @Test func `each run of equal sequences is there once`() throws {
    let tape = Tape()
    let found = try #require(DistinctSequences(tape, Self.sequence(tape, withCodes: true)))
    #expect(found.mask.values == [0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1])
    let names = tape.input(Tensor(Shape(3, 1), [7, 8, 9]))
    #expect(tape.value(of: found.spread(tape, names)).values == [7, 7, 7, 8, 8, 9])
    #expect(DistinctSequences(tape, Self.sequence(tape, withCodes: false)) == nil)
  }

  @Test func `scores are those of every row encoded by itself`() throws {
    let shape = ModelShape(
      fields: [FieldShape(name: "item", dimension: 4)], denseCount: 0,
      sequences: [SequenceShape(name: "history", dimension: 4, length: 4)], tasks: [TaskShape(name: "next")])
    let model = try ModelRegistry.make(name: "sasrec", shape: shape, options: ["target": "item"], seed: 1)
    let scores = [true, false].map { withCodes in
      let tape = Tape()
      let inputs = ModelInputs(
        vectors: tape.input(ModelTests.numbers(9, Shape(Self.rows.count, 1, 4))),
        sequences: [Self.sequence(tape, withCodes: withCodes)])
      return tape.value(of: model.forward(tape, inputs, training: false, step: 0).logits).values
    }
    #expect(zip(scores[0], scores[1]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(Set(scores[0]).count == Self.rows.count)
  }
}
