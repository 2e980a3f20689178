import Foundation
import LoamTensor

/// Writes a trace into a graph, operation by operation.
///
/// Every operation of a tape is written here, and nothing here knows a model.
struct NetworkGraph {
  let trace: NetworkTrace
  /// Of each sequence, `[batch, length]`: 1 at events.
  let masks: [String]
  var builder: GraphBuilder
  /// Of the values so far, by their places on the tape.
  private var names: [Int: String] = [:]
  var parameters: [ObjectIdentifier: String] = [:]

  /// What the network's inputs are called in the graph.
  struct Inputs {
    var vectors, weights, dense: String?
    var sequences: [(vectors: String, mask: String)] = []
  }

  init(_ trace: NetworkTrace, _ builder: GraphBuilder, _ inputs: Inputs) {
    (self.trace, self.builder) = (trace, builder)
    masks = inputs.sequences.map(\.mask)
    for (variable, name) in [
      (trace.inputs.vectors, inputs.vectors), (trace.inputs.weights, inputs.weights),
      (trace.inputs.dense, inputs.dense),
    ] {
      if let variable { names[variable.index] = name }
    }
    for (sequence, given) in zip(trace.inputs.sequences, inputs.sequences) {
      names[sequence.vectors.index] = given.vectors
    }
  }

  /// Adds the nodes up to the logits `[batch, outputs]`, and names these.
  mutating func write() throws(ExportError) -> String {
    let used = self.used()
    for index in 0...trace.logits.index where used[index] && names[index] == nil {
      names[index] = try translate(index, trace.tape.nodes[index])
    }
    return names[trace.logits.index]!
  }

  /// Parameters that no logit depends on, as those of a loss, are left out.
  private func used() -> [Bool] {
    var used = [Bool](repeating: false, count: trace.tape.nodes.count)
    used[trace.logits.index] = true
    for index in stride(from: trace.logits.index, through: 0, by: -1) where used[index] {
      for operand in operands(trace.tape.nodes[index].operation) { used[operand.index] = true }
    }
    return used
  }

  func name(_ variable: Variable) -> String { names[variable.index]! }

  private mutating func translate(_ index: Int, _ node: Tape.Node) throws(ExportError) -> String {
    switch node.operation {
    case .input: try input(index, node.value)
    case .parameter(let parameter): self.parameter(parameter)
    case .linear(let x, let weight, let bias, let relu): linear(x, weight, bias, relu: relu)
    case .matmul(let a, let b): builder.node("MatMul", name(a), name(b))
    case .add(let a, let b): builder.node("Add", name(a), name(b))
    case .addRow(let a, let row): builder.node("Add", name(a), name(row))
    case .addColumn(let a, let column): builder.node("Add", name(a), try columnOf(a, column))
    case .subtract(let a, let b): builder.node("Sub", name(a), name(b))
    case .multiply(let a, let b): builder.node("Mul", name(a), name(b))
    case .scaleRows(let a, let column): builder.node("Mul", name(a), try columnOf(a, column))
    case .scaleColumns(let a, let row): builder.node("Mul", name(a), name(row))
    case .scale(let a, let factor): builder.node("Mul", name(a), builder.float(factor))
    case .sum(let a, let outer, let axis, let inner, let factor):
      try sum(index, a, outer: outer, axis: axis, inner: inner, factor: factor)
    case .concat(let operands):
      builder.concat(trace.tape.operands[operands].map { name($0) }, axis: -1)
    case .slice(let a, let columns):
      builder.node(
        "Slice", name(a), builder.ints([Int64(columns.lowerBound)]), builder.ints([Int64(columns.upperBound)]),
        builder.ints([-1]))
    case .reshape(let a): builder.reshape(name(a), try trace.target(index))
    case .relu(let a): builder.node("Relu", name(a))
    case .sigmoid(let a): builder.node("Sigmoid", name(a))
    case .tanh(let a): builder.node("Tanh", name(a))
    case .square(let a): builder.node("Mul", name(a), name(a))
    case .gelu(let a): gelu(a)
    case .silu(let a): builder.node("Mul", name(a), builder.node("Sigmoid", name(a)))
    case .take(let a, let indices):
      builder.node("Gather", name(a), builder.ints(indices.map { Int64($0) }), with: [.int("axis", 1)])
    case .transpose(let a): builder.node("Transpose", name(a), with: [.ints("perm", [0, 2, 1])])
    case .spread(let a):
      builder.node("Expand", builder.unsqueeze(name(a), 1), builder.ints([1, Int64(node.value.shape[1]), 1]))
    case .batchNorm(let record): batchNorm(record)
    case .layerNorm(let a, let gamma, let beta, let epsilon, _, _):
      builder.node(
        "LayerNormalization", name(a), name(gamma), name(beta),
        with: [.int("axis", -1), .float("epsilon", epsilon)])
    case .cross(let record): cross(record)
    case .pairProducts(let e): pairProducts(e)
    case .pairDots(let e): pairDots(e)
    case .batchedProduct(let a, let b, let kind): product(a, b, kind)
    case .attention(let record): try attention(record)
    case .softmax(let a, let factor, let mask, let causal):
      try softmax(name(a), a.shape, factor, mask: mask, causal: causal)
    case .largestStep(let a, let mask, _): try largestStep(a, mask)
    case .pickRows:
      throw NetworkTrace.unsupported("it looks up the types or ages of events beside the tape")
    case .dropout, .poolRagged, .pick, .logLikelihood, .crossEntropy, .squareError, .softmaxCrossEntropy, .l2:
      throw NetworkTrace.unsupported("operation \(index) is one of training or of ragged rows")
    }
  }
}
