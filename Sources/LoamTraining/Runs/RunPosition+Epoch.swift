extension RunPosition {
  /// Closes the epoch under way: notes its metrics, and decides on rates and on stopping early.
  ///
  /// - Returns: whether it is the best so far; without validation log every epoch is.
  mutating func endEpoch(loss: Double, _ evaluations: [EvaluationReport], _ config: ModelConfig) -> Bool {
    var metrics: [String: Double] = [:]
    for evaluation in evaluations {
      for (name, value) in evaluation.metrics { metrics["\(evaluation.log)/\(name)"] = value }
    }
    history.append(Epoch(loss: loss, metrics: metrics))
    epoch += 1
    (stepOfEpoch, lossSum, rowSum) = (0, 0, 0)
    guard let monitored = evaluations.first else { return true }
    let metric = config.earlyStopping?.metric ?? monitored.mainMetric
    let value = monitored[metric.rawValue]
    if value.isFinite, best.map({ metric.higherIsBetter ? value > $0 : value < $0 }) ?? true {
      (best, bestEpoch, epochsWithoutBetter) = (value, epoch, 0)
      return true
    }
    epochsWithoutBetter += 1
    if let plateau = config.rateOnPlateau { rateScale *= plateau.factor }
    if let stopping = config.earlyStopping, epochsWithoutBetter >= stopping.patience { stoppedEarly = true }
    return false
  }
}
