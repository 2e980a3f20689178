import Foundation
import LoamModels
import LoamTensor
import Testing

/// One case of a golden file: what tools/reference/golden.py ran, and the numbers that it found.
struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
  var model: String
  var options: ModelOptions
  var tasks: [String]
  var fields, dimension, dense: Int
  var sequence, actions: Bool
  var logits: [Float]
  var loss: Float
  var gradients: [String: [Float]]
  var losses: [Float]

  var testDescription: String { "\(model), \(losses[0])" }

  static let batch = 6, length = 5
  static let events = [5, 3, 0, 1, 4, 2]
  static let labels: [String: [Float]] = [
    "click": [1, 0, 1, 1, 0, 0], "buy": [0, 1, .nan, 0, 1, 1], "spend": [0.5, 0, 2, 1, .nan, 0],
    "kind": [2, 0, .nan, 1, 1, 0],
  ]
  static let kinds: [String: TaskShape.Kind] = [
    "click": .binary, "buy": .binary, "spend": .real, "kind": .classes(3),
  ]

  static func read() throws -> [GoldenCase] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    return try ModelRegistry.names.flatMap {
      try JSONDecoder().decode([GoldenCase].self, from: Data(contentsOf: folder.appending(path: "\($0).json")))
    }
  }

  static func formula(_ name: String, _ shape: Shape) -> Tensor {
    let stream = name.utf8.enumerated().reduce(0) { $0 + ($1.offset + 1) * Int($1.element) } % 997
    let centre: Float = name.hasSuffix(".gamma") ? 1 : 0
    return Tensor(
      shape, (0..<shape.count).map { centre + Float(0.4 * sin(1.0 + 0.7 * Double($0) + 2.3 * Double(stream))) })
  }

  var shape: ModelShape {
    ModelShape(
      fields: ["a", "b", "c", "d"].prefix(fields).map { FieldShape(name: $0, dimension: dimension) },
      denseCount: dense,
      sequences: sequence
        ? [
          SequenceShape(
            name: "history", dimension: dimension, length: Self.length, actions: actions ? 3 : 0, hasAges: actions)
        ] : [],
      tasks: tasks.map { TaskShape(name: $0, kind: Self.kinds[$0]!) })
  }

  /// The tensors that a gradient is wanted of, by name, and the others.
  func inputs(_ tape: Tape, _ model: any Model) -> (ModelInputs, leaves: [String: Variable]) {
    var inputs = ModelInputs(), leaves: [String: Variable] = [:]
    let batch = Self.batch
    leaves["vectors"] = tape.input(Self.formula("vectors", Shape(batch, fields, dimension)), wantsGradient: true)
    if model.needs.vectors { inputs.vectors = leaves["vectors"] }
    if model.needs.weights {
      leaves["weights"] = tape.input(Self.formula("weights", Shape(batch, fields)), wantsGradient: true)
      inputs.weights = leaves["weights"]
    }
    if dense > 0 { inputs.dense = tape.input(Self.formula("dense", Shape(batch, dense))) }
    guard sequence else { return (inputs, leaves) }
    let (mask, codes) = (Tensor(Shape(batch, Self.length)), Tensor(Shape(batch, Self.length)))
    let (frequencies, actions, ages) = (Tensor(mask.shape), Tensor(mask.shape), Tensor(mask.shape))
    let events = Self.formula("events", Shape(batch, Self.length, dimension))
    for at in 0..<mask.count {
      mask.pointer[at] = at % Self.length >= Self.length - Self.events[at / Self.length] ? 1 : 0
      codes.pointer[at] = Float(at * 7 % 11)
      frequencies.pointer[at] = (codes.pointer[at] + 1) / 100
      actions.pointer[at] = Float(at * 5 % 3)
      ages.pointer[at] = Float(pow(3, Double(at % 9)))
      for column in 0..<dimension { events.pointer[at * dimension + column] *= mask.pointer[at] }
    }
    leaves["events"] = tape.input(events, wantsGradient: true)
    inputs.sequences = [
      SequenceInput(
        vectors: leaves["events"]!, mask: mask, codes: codes, frequencies: frequencies,
        actions: self.actions ? actions : nil, ages: self.actions ? ages : nil)
    ]
    return (inputs, leaves)
  }

  /// The losses of the tasks and the model's own, added.
  func loss(_ tape: Tape, _ output: ModelOutput) -> Variable {
    var sum = output.auxiliary, begin = 0
    for task in shape.tasks {
      let scores = tape.slice(output.logits, columns: begin..<begin + task.outputs)
      begin += task.outputs
      let labels = Tensor(Shape(Self.batch), Self.labels[task.name]!)
      let loss =
        switch task.kind {
        case .binary: tape.crossEntropy(scores, labels: labels)
        case .real: tape.squareError(scores, labels: labels)
        case .classes: tape.softmaxCrossEntropy(scores, labels: labels)
        }
      sum = sum.map { tape.add($0, loss) } ?? loss
    }
    return sum!
  }
}
