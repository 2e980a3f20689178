import Foundation
import LoamModels
import LoamTensor
import Testing

@Suite struct ModelRegistryTests {
  static let shape = ModelShape(
    fields: [FieldShape(name: "user", dimension: 4), FieldShape(name: "item", dimension: 4)], denseCount: 1,
    tasks: [TaskShape(name: "click")])

  @Test func `every name makes a model with unique parameter names, and a seed makes the same values`() throws {
    for name in ModelRegistry.names {
      var shape = Self.shape
      var options: ModelOptions = name == "deepfm" ? ["hidden": [8, 4], "batch_norm": true] : [:]
      if ModelRegistry.model(named: name)!.needs.sequences {
        shape.sequences = [SequenceShape(name: "history", dimension: 4, length: 6)]
        options = ["target": "item"]
      }
      let model = try ModelRegistry.make(name: name, shape: shape, options: options, seed: 3)
      let again = try ModelRegistry.make(name: name, shape: shape, options: options, seed: 3)
      let names = model.parameters.map(\.name) + model.buffers.map(\.name)
      #expect(Set(names).count == names.count)
      #expect(model.parameters.map(\.value.values) == again.parameters.map(\.value.values))
      #expect(type(of: model).name == name)
    }
  }

  @Test func `options are decoded from JSON, completed with defaults and refused with the known names`() throws {
    let options = try JSONDecoder().decode(ModelOptions.self, from: Data(#"{"hidden": [8], "dropout": 0.5}"#.utf8))
    let model = try ModelRegistry.make(name: "deepfm", shape: Self.shape, options: options, seed: 1)
    #expect(model.options == ["hidden": [8], "dropout": 0.5, "activation": "relu", "batch_norm": false])
    let refusals: [(ModelOptions, String)] = [
      (["hiden": [8]], "model.unknown-option"), (["hidden": "8"], "model.bad-option"),
      (["hidden": [0]], "model.bad-option"), (["dropout": 1], "model.bad-option"),
      (["activation": "rely"], "model.bad-option"),
    ]
    for (options, code) in refusals {
      let error = #expect(throws: ModelError.self) {
        try ModelRegistry.make(name: "deepfm", shape: Self.shape, options: options, seed: 1)
      }
      #expect(error?.code == code, "\(options)")
    }
  }

  @Test func `shapes that a model cannot use are refused`() {
    var unequal = Self.shape, tasks = Self.shape, empty = Self.shape
    unequal.fields[1].dimension = 8
    tasks.tasks.append(TaskShape(name: "buy"))
    empty.fields = []
    empty.denseCount = 0
    for (name, shape) in [
      ("fm", unequal), ("deepfm", unequal), ("lr", tasks), ("fm", tasks), ("lr", empty), ("deepfm", empty),
    ] {
      let error = #expect(throws: ModelError.self) { try ModelRegistry.make(name: name, shape: shape, seed: 1) }
      #expect(error?.code == "model.bad-shape", "\(name)")
    }
    let error = #expect(throws: ModelError.self) { try ModelRegistry.make(name: "deepfn", shape: Self.shape, seed: 1) }
    #expect(error?.code == "model.unknown-model")
  }

  @Test func `weights of a linear layer have the variance of Xavier's formula`() {
    let values = Linear("a", inputs: 300, outputs: 100, seed: 1).weight.value.values
    let variance = values.reduce(0) { $0 + Double($1 * $1) } / Double(values.count)
    #expect(abs(variance - 2.0 / 400) < 2e-4)
  }
}
