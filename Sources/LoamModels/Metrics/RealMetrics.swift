/// How well predictions meet labels that are numbers. A row whose label is NaN is left out.
public struct RealMetrics: Sendable, Equatable {
  /// Rows with a label.
  public var count: Int
  /// Root of the mean square error, in the label's unit; NaN without rows.
  public var rootMeanSquareError: Double
  /// Mean distance, in the label's unit.
  public var meanAbsoluteError: Double

  public init(predictions: [Float], labels: [Float]) {
    precondition(predictions.count == labels.count, "\(predictions.count) predictions for \(labels.count) labels")
    var (rows, squares, distances) = (0, 0.0, 0.0)
    for (prediction, label) in zip(predictions, labels) where !label.isNaN {
      let error = Double(prediction) - Double(label)
      rows += 1
      squares += error * error
      distances += abs(error)
    }
    count = rows
    rootMeanSquareError = (squares / Double(rows)).squareRoot()
    meanAbsoluteError = distances / Double(rows)
  }

  public var figures: [Figure] { [Figure("rmse", rootMeanSquareError), Figure("mae", meanAbsoluteError)] }
}
