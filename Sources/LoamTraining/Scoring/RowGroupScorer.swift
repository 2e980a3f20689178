import LoamModels
import LoamQuery
import LoamStore

/// Scores rows that come column by column, as a log or a file has them, with the rows of tables from wherever they are.
package final class RowGroupScorer {
  private let definition: ModelDefinition
  private let batches: RowGroupBatches
  private let rows: any RowResolver
  private let scorer: Scorer

  package init(_ model: any Model, _ definition: ModelDefinition, tables: [any RowSource], rows: any RowResolver) {
    self.definition = definition
    self.rows = rows
    batches = RowGroupBatches(definition)
    scorer = Scorer(model, definition, tables: tables)
  }

  package convenience init(_ trained: TrainedModel) {
    self.init(
      trained.model, trained.definition, tables: trained.tables, rows: StoredRows(trained.tables))
  }

  /// `[rows, outputs]`
  ///
  /// - Parameter place: names the origin of the rows in refusals.
  package func logits(_ group: RowGroup, place: String) throws(TrainingError) -> [Float] {
    var logits: [Float] = []
    try batches.forEach(
      group, 4_096, place: place, by: rows,
      { (batch) throws(TrainingError) in
        try TrainingError.query { () throws(QueryError) in try scorer.score(batch, into: &logits) }
      }, failing: { .query($0) })
    return logits
  }

  /// Of each task, `[rows, outputs of the task]`: probabilities, numbers, or probabilities of classes.
  package func predictions(_ group: RowGroup, place: String) throws(TrainingError) -> [[Float]] {
    let logits = try logits(group, place: place)
    let width = definition.tasks.reduce(0) { $0 + $1.outputs }
    let labels = [Float](repeating: .nan, count: group.rowCount)
    var offset = 0
    return definition.taskShapes.map { task in
      var scores = TaskScores(task)
      scores.append(logits: logits, offset: offset, width: width, labels: labels)
      offset += task.outputs
      return scores.predictions
    }
  }
}
