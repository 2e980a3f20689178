import LoamTensor

/// A mixture of experts as one gate chooses it: `Σ_i softmax(gate(x))_i f_i`.
struct Gate: Sendable {
  private let mlp: MLP

  init(_ name: String, inputs: Int, experts: Int, hidden: [Int], seed: UInt64) {
    mlp = MLP(name, inputs: inputs, outputs: experts, .init(hidden: hidden), seed: seed)
  }

  var parameters: [Parameter] { mlp.parameters }

  /// `x` `[batch, inputs]`, `experts` `[batch, width]` each; result `[batch, width]`.
  func callAsFunction(_ tape: Tape, _ x: Variable, _ experts: [Variable], training: Bool, step: UInt64) -> Variable {
    let (batch, width) = (experts[0].shape[0], experts[0].shape[1])
    let shares = tape.softmax(mlp(tape, x, training: training, step: step))
    let stack = tape.reshape(
      experts.count == 1 ? experts[0] : tape.concat(experts), Shape(batch, experts.count, width))
    let mixed = tape.batchedMatmul(tape.reshape(shares, Shape(batch, 1, experts.count)), stack)
    return tape.reshape(mixed, Shape(batch, width))
  }
}

/// A tower for each task: an MLP from the task's representation to its columns of the logits.
struct Towers: Sendable {
  private let mlps: [MLP]

  init(_ tasks: [TaskShape], inputs: Int, _ settings: MLP.Settings, seed: UInt64) {
    mlps = tasks.map { MLP("tower.\($0.name)", inputs: inputs, outputs: $0.outputs, settings, seed: seed) }
  }

  var parameters: [Parameter] { mlps.flatMap(\.parameters) }
  var buffers: [(name: String, tensor: Tensor)] { mlps.flatMap(\.buffers) }

  /// One input for each task, or one for all; logits `[batch, outputs]`.
  func callAsFunction(_ tape: Tape, _ inputs: [Variable], training: Bool, step: UInt64) -> Variable {
    let logits = mlps.enumerated().map { index, mlp in
      mlp(tape, inputs[inputs.count == 1 ? 0 : index], training: training, step: step)
    }
    return logits.count == 1 ? logits[0] : tape.concat(logits)
  }
}
