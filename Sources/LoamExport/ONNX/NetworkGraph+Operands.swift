import LoamTensor

extension NetworkGraph {
  func operands(_ operation: Operation) -> [Variable] {
    switch operation {
    case .input, .parameter: []
    case .linear(let x, let weight, let bias, _): [x, weight] + (bias.map { [$0] } ?? [])
    case .concat(let range): Array(trace.tape.operands[range])
    case .batchNorm(let record): [record.a, record.gamma, record.beta]
    case .layerNorm(let a, let gamma, let beta, _, _, _): [a, gamma, beta]
    case .attention(let record): [record.queries, record.keys, record.values]
    case .cross(let record): [record.x0, record.input, record.weight, record.bias] + (record.skip.map { [$0] } ?? [])
    case .matmul(let a, let b), .add(let a, let b), .subtract(let a, let b), .multiply(let a, let b),
      .addRow(let a, let b), .addColumn(let a, let b), .scaleRows(let a, let b), .scaleColumns(let a, let b),
      .batchedProduct(let a, let b, _):
      [a, b]
    case .scale(let a, _), .sum(let a, _, _, _, _), .slice(let a, _), .reshape(let a), .poolRagged(let a, _),
      .relu(let a), .sigmoid(let a), .tanh(let a), .square(let a), .dropout(let a, _, _), .pairProducts(let a),
      .softmax(let a, _, _, _), .pairDots(let a), .take(let a, _), .pickRows(let a, _), .pick(let a, _),
      .transpose(let a), .spread(let a), .largestStep(let a, _, _), .logLikelihood(let a, _, _), .gelu(let a),
      .silu(let a),
      .crossEntropy(let a, _, _, _), .squareError(let a, _, _, _), .softmaxCrossEntropy(let a, _, _, _), .l2(let a):
      [a]
    }
  }
}
