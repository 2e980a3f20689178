import LoamTensor

/// Feature selection of FinalMLP: `x ⊙ 2 σ(MLP(context))`, `[batch, columns]`.
///
/// The context is some fields' vectors, or a trained vector where none are named. Source: Mao et al., arXiv 2304.00902,
/// eq. 6 and 7.
struct FeatureGate: Sendable {
  private let name: String
  private let fields: [Int32]
  private let constant: Parameter?
  private let mlp: MLP

  init(_ name: String, fields: [Int], dimension: Int, columns: Int, hidden: [Int], seed: UInt64) {
    self.name = name
    self.fields = fields.map { Int32($0) }
    constant = fields.isEmpty ? Initialiser.zeros.parameter("\(name).context", Shape(1, dimension), seed: seed) : nil
    mlp = MLP(
      name, inputs: max(fields.count, 1) * dimension, outputs: columns, .init(hidden: hidden), seed: seed)
  }

  var parameters: [Parameter] { (constant.map { [$0] } ?? []) + mlp.parameters }

  /// `vectors` `[batch, fields, dimension]`, `x` `[batch, columns]`.
  func callAsFunction(_ tape: Tape, _ vectors: Variable, _ x: Variable, training: Bool, step: UInt64) -> Variable {
    if let constant {
      let gate = tape.sigmoid(mlp(tape, tape.parameter(constant), training: training, step: step))
      return tape.scale(tape.scaleColumns(x, by: tape.reshape(gate, Shape(x.shape[1]))), by: 2)
    }
    let (batch, dimension) = (vectors.shape[0], vectors.shape[2])
    let context = tape.reshape(tape.take(vectors, fields), Shape(batch, fields.count * dimension))
    let gate = tape.sigmoid(mlp(tape, context, training: training, step: step))
    return tape.scale(tape.multiply(x, gate), by: 2)
  }
}
