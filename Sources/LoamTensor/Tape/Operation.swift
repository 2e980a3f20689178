/// What a tape remembers of each operation: its operands, and what its gradient rule needs besides their values.
package enum Operation {
  case input
  case parameter(Parameter)

  case linear(x: Variable, weight: Variable, bias: Variable?, relu: Bool)
  case matmul(a: Variable, b: Variable)
  case add(a: Variable, b: Variable)
  case addRow(a: Variable, row: Variable)
  case addColumn(a: Variable, column: Variable)
  case subtract(a: Variable, b: Variable)
  case multiply(a: Variable, b: Variable)
  case scaleRows(a: Variable, column: Variable)
  case scale(a: Variable, factor: Float)

  case sum(a: Variable, outer: Int, axis: Int, inner: Int, factor: Float)
  case concat(operands: Range<Int>)
  case slice(a: Variable, columns: Range<Int>)
  case reshape(a: Variable)
  case poolRagged(a: Variable, offsets: [Int32])

  case relu(a: Variable)
  case sigmoid(a: Variable)
  case tanh(a: Variable)
  case square(a: Variable)
  case dropout(a: Variable, probability: Float, key: DropoutKey)
  case batchNorm(BatchNormRecord)
  case pairProducts(e: Variable)

  case batchedProduct(a: Variable, b: Variable, kind: BatchedProduct)
  case attention(AttentionRecord)
  case softmax(a: Variable, factor: Float, mask: Tensor?, causal: Bool)
  case layerNorm(a: Variable, gamma: Variable, beta: Variable, epsilon: Float, mean: Tensor, inverse: Tensor)
  case cross(CrossRecord)
  case pairDots(e: Variable)
  case take(a: Variable, indices: [Int32])
  case pickRows(a: Variable, indices: Tensor)
  case pick(vectors: Variable, picks: FieldPicks)
  case transpose(a: Variable)
  case spread(a: Variable)
  case scaleColumns(a: Variable, row: Variable)
  case largestStep(a: Variable, mask: Tensor, places: Tensor)
  case logLikelihood(shares: Variable, labels: Tensor, count: Float)
  case gelu(a: Variable)
  case silu(a: Variable)

  case crossEntropy(logits: Variable, labels: Tensor, weights: Tensor?, count: Float)
  case squareError(predictions: Variable, labels: Tensor, weights: Tensor?, count: Float)
  case softmaxCrossEntropy(logits: Variable, labels: Tensor, weights: Tensor?, count: Float)
  case l2(a: Variable)
}

package struct BatchNormRecord {
  package var a, gamma, beta: Variable
  package var mean, inverse: Tensor
  /// Rows of the batch over all lanes; 0 when the running statistics were used, which no gradient flows through.
  var batchRows: Float
}
