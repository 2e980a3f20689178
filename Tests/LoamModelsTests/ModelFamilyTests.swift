import LoamTensor
import Testing

@testable import LoamModels

/// What models are when some of their parts are left out.
@Suite struct ModelFamilyTests {
  static func output(_ name: String, _ options: ModelOptions, tasks: [String] = ["click", "buy"]) throws -> [Float] {
    let shape = ModelTests.shape(tasks: tasks)
    let model = try ModelRegistry.make(name: name, shape: shape, options: options, seed: 1)
    // Experts and towers of the two models have other names, so every number is taken from its place in the list.
    for parameter in model.parameters {
      let role = parameter.name.split(separator: ".").suffix(3).joined(separator: ".")
      parameter.value.copy(from: GoldenCase.formula(role, parameter.value.shape))
    }
    return ModelTests.logits(model).values
  }

  @Test func `PLE without specific experts is MMoE, and with one expert MMoE has no need of gates`() throws {
    func options(_ more: ModelOptions) -> ModelOptions {
      var options: ModelOptions = ["expert_hidden": [8, 4], "tower_hidden": [3]]
      options.values.merge(more.values) { $1 }
      return options
    }
    let mmoe = try Self.output("mmoe", options(["experts": 3]))
    let ple = try Self.output("ple", options(["shared_experts": 3, "specific_experts": 0]))
    #expect(mmoe == ple)
    let one = try Self.output("mmoe", options(["experts": 1]))
    let gated = try Self.output("mmoe", options(["experts": 1, "gate_hidden": [7]]))
    #expect(one == gated)
  }

  @Test func `DHEN's layer is the norm of twice the input when its module is the identity`() {
    let layer = DHENLayer(
      "layer", inputs: 2, outputs: 2, dimension: 2, modules: [.linear], ensemble: .sum, heads: 1, hidden: [],
      dropout: 0, seed: 1)
    let mix = layer.parameters.first { $0.name.hasSuffix("mix.weight") }!
    mix.value.copy(from: Tensor(Shape(2, 2), [1, 0, 0, 1]))
    let tape = Tape()
    let y = layer(tape, tape.input(Tensor(Shape(1, 2, 2), [1, 0, 0, 2])), training: false, step: 0)
    #expect(zip(tape.value(of: y).values, [1, -1, -1, 1] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func `padding in front changes no score of a sequence`() throws {
    func scores(_ name: String, _ options: ModelOptions, length: Int) throws -> [Float] {
      let shape = ModelShape(
        fields: [FieldShape(name: "item", dimension: 4)], denseCount: 0,
        sequences: [SequenceShape(name: "history", dimension: 4, length: length)], tasks: [TaskShape(name: "next")])
      let model = try ModelRegistry.make(name: name, shape: shape, options: options, seed: 1)
      for parameter in model.parameters where parameter.name.hasSuffix("positions") { parameter.value.fill(0.1) }
      let (events, mask) = (Tensor(Shape(2, length, 4)), Tensor(Shape(2, length)))
      let numbers = ModelTests.numbers(8, Shape(2, 3, 4))
      for row in 0..<2 {
        for step in 0..<3 {
          mask[row, length - 3 + step] = 1
          for column in 0..<4 {
            events[row * length + length - 3 + step, column] = numbers[row * 3 + step, column]
          }
        }
      }
      let tape = Tape()
      let inputs = ModelInputs(
        vectors: tape.input(ModelTests.numbers(9, Shape(2, 1, 4))),
        sequences: [SequenceInput(vectors: tape.input(events), mask: mask)])
      return tape.value(of: model.forward(tape, inputs, training: false, step: 0).logits).values
    }
    for (name, options) in [
      ("sasrec", ["target": "item"]), ("din", ["target": "item", "softmax": true]),
      ("dhen", ["target": "item", "sequence_states": 2]),
    ] as [(String, ModelOptions)] {
      let (short, long) = (try scores(name, options, length: 3), try scores(name, options, length: 7))
      for (a, b) in zip(short, long) { #expect(abs(a - b) < 1e-5, "\(name)") }
    }
  }

  @Test func `options that do not fit the shape are refused with the names that there are`() {
    let refusals: [(String, ModelOptions, says: String)] = [
      ("din", ["target": "itm"], "its fields are"), ("sasrec", ["target": "f0"], "its sequences are []"),
      ("finalmlp", ["context1": ["f9"]], "its fields are"), ("finalmlp", ["heads": 7], "heads must divide"),
      ("autoint", ["heads": 5], "must divide"), ("dhen", ["heads": 2], "must divide the dimension 3"),
      ("dhen", ["modules": ["lineer"]], "is one of linear"), ("masknet", ["hidden": []], "one at least"),
      ("dcnv2", ["structure": "stack"], "structure is one of parallel"), ("mmoe", ["experts": 0], "is positive"),
      ("ple", ["specific_experts": -1], "0 or more"), ("fibinet", ["reduction_ratio": 0], "is positive"),
    ]
    for (name, options, says) in refusals {
      let error = #expect(throws: ModelError.self) {
        try ModelRegistry.make(name: name, shape: ModelTests.shape(), options: options, seed: 1)
      }
      #expect(error?.message.contains(says) == true, "\(name): \(String(describing: error))")
    }
  }
}
