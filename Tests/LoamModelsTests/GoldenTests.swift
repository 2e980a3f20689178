import Foundation
import LoamModels
import LoamTensor
import Testing

/// DeepFM against the numbers of tools/reference/deepfm.py (PyTorch, f64): logits, loss, every gradient at step 0.
@Suite struct GoldenTests {
  struct Golden: Decodable {
    var logits: [Float]
    var loss: Float
    var gradients: [String: [Float]]
  }

  static func formula(_ stream: Int, _ shape: Shape) -> Tensor {
    Tensor(shape, (0..<shape.count).map { Float(0.8 * sin(1.0 + 0.7 * Double($0) + 2.3 * Double(stream))) })
  }

  static func expectClose(_ found: [Float], _ expected: [Float], _ what: String) {
    #expect(found.count == expected.count)
    for (index, (a, b)) in zip(found, expected).enumerated() {
      #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(what)[\(index)]: \(a), PyTorch \(b)")
    }
  }

  @Test(arguments: ["plain", "batch_norm"])
  func `DeepFM agrees with PyTorch in logits, loss and every gradient`(_ variant: String) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/deepfm.json")
    let golden = try #require(JSONDecoder().decode([String: Golden].self, from: Data(contentsOf: url))[variant])
    let shape = ModelShape(
      fields: ["a", "b", "c"].map { FieldShape(name: $0, dimension: 4) }, denseCount: 2,
      tasks: [TaskShape(name: "click")])
    let options: ModelOptions = ["hidden": [5, 4], "batch_norm": .bool(variant == "batch_norm")]
    let model = try DeepFM(shape: shape, options: options, seed: 1)
    for (index, parameter) in model.parameters.enumerated() {
      parameter.value.copy(from: Self.formula(3 + index, parameter.value.shape))
    }

    let tape = Tape()
    let inputs = ModelInputs(
      vectors: tape.input(Self.formula(0, Shape(6, 3, 4)), wantsGradient: true),
      weights: tape.input(Self.formula(1, Shape(6, 3)), wantsGradient: true),
      dense: tape.input(Self.formula(2, Shape(6, 2))))
    let logits = model.forward(tape, inputs, training: true, step: 1).logits
    let loss = tape.crossEntropy(logits, labels: Tensor(Shape(6), [1, 0, 1, 1, 0, 0]))
    tape.backward(from: loss)
    tape.addGradientsToParameters()

    Self.expectClose(tape.value(of: logits).values, golden.logits, "logits")
    Self.expectClose(tape.value(of: loss).values, [golden.loss], "loss")
    var found = ["vectors": tape.gradient(of: inputs.vectors!)!, "weights": tape.gradient(of: inputs.weights!)!]
    for parameter in model.parameters { found[parameter.name] = parameter.gradient }
    #expect(found.keys.sorted() == golden.gradients.keys.sorted())
    for (name, gradient) in found { Self.expectClose(gradient.values, golden.gradients[name] ?? [], name) }
  }
}
