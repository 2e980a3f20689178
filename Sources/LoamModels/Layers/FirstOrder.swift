import LoamTensor

/// The linear part that the classic models share: bias + Σ of the IDs' weights + dense · weight. `[batch, 1]`.
///
/// An ID's weight is the `weight` column of its embedding row.
struct FirstOrder: Sendable {
  let bias: Parameter
  let dense: Linear?

  init(_ name: String, denseCount: Int, seed: UInt64) {
    bias = Initialiser.zeros.parameter("\(name).bias", Shape(1), seed: seed)
    dense = denseCount > 0 ? Linear("\(name).dense", inputs: denseCount, outputs: 1, bias: false, seed: seed) : nil
  }

  var parameters: [Parameter] { [bias] + (dense?.parameters ?? []) }

  func callAsFunction(_ tape: Tape, _ inputs: ModelInputs) -> Variable {
    var terms: [Variable] = []
    if let weights = inputs.weights {
      let isSum = weights.shape[1] == 1
      terms.append(isSum ? weights : tape.reshape(tape.sum(weights, axis: 1), Shape(weights.shape[0], 1)))
    }
    if let dense, let values = inputs.dense { terms.append(dense(tape, values)) }
    precondition(!terms.isEmpty, "a first-order term of neither weights nor dense features")
    let sum = terms.dropFirst().reduce(terms[0]) { tape.add($0, $1) }
    return tape.add(sum, row: tape.parameter(bias))
  }
}
