import LoamKernels

/// Losses: one number, `[1]`, the sum of weight · loss over the rows with a label, divided by their count in the batch.
///
/// A label that is NaN is absent. Weights are factors of a row's loss and do not enter the count. With lanes, each tape
/// has its rows' share of the loss, and the shares add up to the batch's; lanes that are given the batch's count of
/// labels need not wait for each other to find it.
extension Tape {
  /// Binary cross entropy of logits: labels in [0, 1]. Shapes: as many logits as labels and weights.
  public func crossEntropy(_ logits: Variable, labels: Tensor, weights: Tensor? = nil, count: Int? = nil)
    -> Variable
  {
    requireLabels("crossEntropy", rows: logits.shape.count, logits, labels, weights)
    return loss(
      logits, loam_f32_cross_entropy(pointer(logits), labels.pointer, weights?.pointer, logits.shape.count),
      count
    ) { .crossEntropy(logits: logits, labels: labels, weights: weights, count: $0) }
  }

  /// Square error. Shapes: as many predictions as labels and weights.
  public func squareError(_ predictions: Variable, labels: Tensor, weights: Tensor? = nil, count: Int? = nil)
    -> Variable
  {
    requireLabels("squareError", rows: predictions.shape.count, predictions, labels, weights)
    return loss(
      predictions,
      loam_f32_square_error(pointer(predictions), labels.pointer, weights?.pointer, predictions.shape.count), count
    ) { .squareError(predictions: predictions, labels: labels, weights: weights, count: $0) }
  }

  /// Cross entropy of a softmax: labels are indices of classes. Shapes: `logits` `[rows, classes]`, `labels` `[rows]`.
  public func softmaxCrossEntropy(_ logits: Variable, labels: Tensor, weights: Tensor? = nil, count: Int? = nil)
    -> Variable
  {
    let (rows, classes) = (logits.shape.rows, logits.shape.columns)
    requireLabels("softmaxCrossEntropy", rows: rows, logits, labels, weights)
    precondition(
      labels.buffer.allSatisfy { $0.isNaN || ($0 >= 0 && $0 < Float(classes) && $0 == $0.rounded()) },
      "softmaxCrossEntropy: a label is not an index of the \(classes) classes")
    return loss(
      logits, loam_f32_softmax_cross_entropy(pointer(logits), labels.pointer, weights?.pointer, rows, classes), count
    ) { .softmaxCrossEntropy(logits: logits, labels: labels, weights: weights, count: $0) }
  }

  /// Half the sum of squares of all elements. With lanes, one lane records it.
  public func l2(_ a: Variable) -> Variable {
    record(.l2(a: a), Shape(1), from: a) { $0[0] = Float(0.5 * loam_f32_square_sum(pointer(a), a.shape.count)) }
  }

  private func loss(_ scores: Variable, _ sum: loam_loss, _ given: Int?, _ operation: (Float) -> Operation) -> Variable
  {
    let count = max(given.map(Float.init) ?? total(Float(sum.count)), 1)
    return record(operation(count), Shape(1), from: scores) { $0[0] = Float(sum.loss / Double(count)) }
  }

  private func total(_ count: Float) -> Float {
    let sum = arena.tensor(Shape(1))
    sum.pointer[0] = count
    lane.sum(sum)
    defer { arena.release(sum) }
    return sum.pointer[0]
  }

  private func requireLabels(_ name: String, rows: Int, _ scores: Variable, _ labels: Tensor, _ weights: Tensor?) {
    precondition(
      labels.count == rows && (weights?.count ?? rows) == rows,
      "\(name): scores are \(scores.shape), labels \(labels.shape), weights \(weights.map { "\($0.shape)" } ?? "none")")
  }
}
