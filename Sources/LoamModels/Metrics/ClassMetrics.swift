#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How well probabilities over classes predict labels 0, 1, ... A row whose label is NaN is left out.
public struct ClassMetrics: Sendable, Equatable {
  /// Rows with a label.
  public var count: Int
  /// Mean cross entropy in nats; probabilities are kept 1e-7 away from 0. NaN without rows.
  public var logLoss: Double
  /// The share of rows whose most probable class is the label; the first of equal ones counts.
  public var accuracy: Double

  /// - Parameter probabilities: `[rows, classes]`.
  public init(probabilities: [Float], classes: Int, labels: [Float]) {
    precondition(probabilities.count == labels.count * classes, "\(classes) probabilities a row")
    var (rows, loss, hits) = (0, 0.0, 0)
    for (row, label) in labels.enumerated() where !label.isNaN {
      let label = Int(label)
      precondition((0..<classes).contains(label), "class \(label) of \(classes)")
      let row = probabilities[row * classes..<(row + 1) * classes]
      rows += 1
      loss -= log(max(Double(row[row.startIndex + label]), 1e-7))
      hits += row.firstIndex(of: row.max()!)! - row.startIndex == label ? 1 : 0
    }
    count = rows
    logLoss = loss / Double(rows)
    accuracy = Double(hits) / Double(rows)
  }

  public var figures: [Figure] { [Figure("logloss", logLoss), Figure("accuracy", accuracy)] }
}
