import Foundation
import LoamTensor
import Testing

@testable import LoamModels

@Suite struct NextEventLossTests {
  /// Two rows, [a, b] and [a, c]; every inner product is 0. Shares of what was read: a 1/2, b and c 1/4.
  static func loss(states: [Float] = [0, 0, 0, 0], temperature: Float = 1, corrected: Bool) -> Float {
    let tape = Tape()
    let vectors = Tensor(Shape(2, 2, 1), [1, 2, 1, 3])
    let sequence = SequenceInput(
      vectors: tape.input(vectors), mask: Tensor(Shape(2, 2), [1, 1, 1, 1]),
      codes: Tensor(Shape(2, 2), [0, 1, 0, 2]),
      frequencies: corrected ? Tensor(Shape(2, 2), [0.5, 0.25, 0.5, 0.25]) : nil)
    let loss = NextEventLoss(temperature: temperature, logQCorrection: corrected)
      .loss(tape, states: tape.input(Tensor(Shape(2, 2, 1), states)), sequence)
    return tape.value(of: loss).values[0]
  }

  /// Of 4 events, a is a candidate with a chance of 1 - (1/2)^4 = 15/16, b and c with 1 - (3/4)^4 = 175/256 each:
  /// a successor's share is 256/175 of 16/15 + 2 · 256/175.
  @Test(arguments: [1, 0.25] as [Float])
  func `each candidate weighs the inverse of its chance to be one, at any temperature`(temperature: Float) {
    let expected = -log((256.0 / 175) / (16.0 / 15 + 2 * 256.0 / 175))
    #expect(abs(Double(Self.loss(temperature: temperature, corrected: true)) - expected) < 1e-6)
  }

  @Test func `without the correction candidates weigh the same`() {
    #expect(abs(Double(Self.loss(corrected: false)) - log(3.0)) < 1e-6)
  }

  /// s = h e / τ: with τ = 1/2 and h = 1/4 at both first events, scores are 1/2, 1, 3/2 for a, b, c.
  @Test func `the correction is added after the temperature`() {
    let found = Self.loss(states: [0.25, 0, 0.25, 0], temperature: 0.5, corrected: true)
    let weights = [exp(0.5) * 16 / 15, exp(1.0) * 256 / 175, exp(1.5) * 256 / 175]
    let sum = weights.reduce(0, +)
    #expect(abs(Double(found) + (log(weights[1] / sum) + log(weights[2] / sum)) / 2) < 1e-6)
  }
}
