import LoamModels
import LoamTensor
import Testing

/// Every model against the numbers of tools/reference (PyTorch, f64): `tools/reference/generate` writes them again.
///
/// Logits, the loss and gradients agree within 2e-5 of the larger of 1 and the number; the losses of ten steps of gradient
/// descent within 1e-4.
@Suite struct GoldenTests {
  static func expectClose(_ found: [Float], _ expected: [Float], within tolerance: Float, _ what: String) {
    #expect(found.count == expected.count, "\(what)")
    for (index, (a, b)) in zip(found, expected).enumerated() where !(abs(a - b) <= tolerance * max(1, abs(b))) {
      Issue.record("\(what)[\(index)]: \(a), PyTorch \(b)")
      return
    }
  }

  @Test(arguments: try GoldenCase.read())
  func `a model agrees with PyTorch in logits, loss, every gradient and ten losses after them`(
    _ golden: GoldenCase
  ) throws {
    let model = try ModelRegistry.make(name: golden.model, shape: golden.shape, options: golden.options, seed: 1)
    for parameter in model.parameters {
      parameter.value.copy(from: GoldenCase.formula(parameter.name, parameter.value.shape))
    }
    let optimizer = DenseSGD(model.parameters)
    let tape = Tape()
    func step(_ number: UInt64) -> (output: ModelOutput, loss: Variable, leaves: [String: Variable]) {
      tape.begin()
      let (inputs, leaves) = golden.inputs(tape, model)
      let output = model.forward(tape, inputs, training: true, step: number)
      let loss = golden.loss(tape, output)
      tape.backward(from: loss)
      tape.addGradientsToParameters()
      return (output, loss, leaves)
    }

    let (output, loss, leaves) = step(1)
    Self.expectClose(tape.value(of: output.logits).values, golden.logits, within: 2e-5, "logits")
    Self.expectClose(tape.value(of: loss).values, [golden.loss], within: 2e-5, "loss")
    var found = leaves.compactMapValues { tape.gradient(of: $0) }
    for parameter in model.parameters where !parameter.gradient.values.allSatisfy({ $0 == 0 }) {
      found[parameter.name] = parameter.gradient
    }
    for (name, expected) in golden.gradients where !expected.allSatisfy({ $0 == 0 }) {
      let zeros = [Float](repeating: 0, count: expected.count)
      Self.expectClose(found[name]?.values ?? zeros, expected, within: 2e-5, name)
    }
    for name in found.keys { #expect(golden.gradients[name] != nil, "\(name)") }

    var losses: [Float] = []
    for number in 2...UInt64(golden.losses.count + 1) {
      optimizer.step(rate: 0.05)
      losses.append(tape.value(of: step(number).loss).values[0])
    }
    Self.expectClose(losses, golden.losses, within: 1e-4, "losses")
  }
}
