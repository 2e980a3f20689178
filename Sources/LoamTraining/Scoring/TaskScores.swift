import Foundation
import LoamModels

/// One task's predictions and labels for every row of a log.
package struct TaskScores {
  package let task: TaskShape
  /// `[rows, outputs]`: probabilities, numbers, or probabilities of classes.
  package private(set) var predictions: [Float] = []
  private(set) var labels: [Float] = []

  package init(_ task: TaskShape) { self.task = task }

  /// - Parameters:
  ///   - logits: `[rows, all outputs]`, in which this task's begin at `offset`.
  package mutating func append(logits: some RandomAccessCollection<Float>, offset: Int, width: Int, labels: [Float]) {
    self.labels += labels
    for row in 0..<labels.count {
      let start = logits.index(logits.startIndex, offsetBy: row * width + offset)
      switch task.kind {
      case .binary: predictions.append(Scorer.probability(logits[start]))
      case .real: predictions.append(logits[start])
      case .classes(let count):
        predictions += Self.softmax(logits[start..<logits.index(start, offsetBy: count)])
      }
    }
  }

  private static func softmax(_ logits: some Collection<Float>) -> [Float] {
    let largest = Double(logits.max()!)
    let powers = logits.map { exp(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { Float($0 / sum) }
  }

  /// Rows with a label, and what their predictions are worth.
  ///
  /// - Parameter rows: `nil`: all.
  package func figures(rows: [UInt32]? = nil, groups: [UInt32?]? = nil, at ks: [Int] = []) -> (
    rows: Int, figures: [Figure]
  ) {
    let labels = rows.map { rows in rows.map { self.labels[Int($0)] } } ?? self.labels
    let outputs = task.outputs
    let predictions =
      rows.map { rows in rows.flatMap { self.predictions[Int($0) * outputs..<(Int($0) + 1) * outputs] } }
      ?? self.predictions
    switch task.kind {
    case .binary:
      let metrics = BinaryMetrics(probabilities: predictions, labels: labels)
      return (metrics.count, metrics.figures + (groups.map { grouped($0, at: ks) } ?? []))
    case .real:
      let metrics = RealMetrics(predictions: predictions, labels: labels)
      return (metrics.count, metrics.figures)
    case .classes(let count):
      let metrics = ClassMetrics(probabilities: predictions, classes: count, labels: labels)
      return (metrics.count, metrics.figures)
    }
  }

  private func grouped(_ groups: [UInt32?], at ks: [Int]) -> [Figure] {
    let rows = groups.indices.filter { groups[$0] != nil }
    return GroupedMetrics(
      scores: rows.map { predictions[$0] }, labels: rows.map { labels[$0] }, groups: rows.map { groups[$0]! }, at: ks
    ).figures
  }
}
