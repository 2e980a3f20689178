import LoamTensor

extension ModelInputs {
  /// Vectors and dense features side by side: `[batch, fields · dimension + dense]`.
  func flat(_ tape: Tape) -> Variable {
    let vectors = vectors.map { tape.reshape($0, Shape($0.shape[0], $0.shape[1] * $0.shape[2])) }
    guard let vectors, let dense else { return vectors ?? dense! }
    return tape.concat(vectors, dense)
  }
}

extension ModelShape {
  /// Columns of `ModelInputs.flat`. Refuses shapes without any input, and sequences, which `model` does not read.
  func flatWidth(of model: String) throws(ModelError) -> Int {
    try requireInputs(of: model)
    try requireNoSequences(of: model)
    return fields.count * (try commonDimension(of: model) ?? 0) + denseCount
  }
}
