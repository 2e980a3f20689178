import LoamSchema
import LoamStore

/// Some row groups in memory, column by column, from which batches of any rows are put together.
///
/// It does not change once it is made, except for what a `BatchResolver` notes in its columns.
final class FeatureWindow {
  let rowCount: Int
  let columns: [IDColumn]
  /// One a field; empty arrays where it is no sequence of known events.
  let events: [EventValues]
  let labels: [[Float]]
  /// Empty: all 1.
  let weights: [Float]
  /// `[rows, dense fields]`, transformed.
  let dense: [Float]

  /// The columns of a log that the definition asks for.
  static func columnNames(_ definition: ModelDefinition) -> Set<String> {
    Set(
      definition.labels.map { "label/\($0)" } + definition.dense.map { "dense/\($0.name)" }
        + definition.fields.flatMap { [$0.name] + ($0.events?.names ?? []) }.map { "id/\($0)" } + ["weight"])
  }

  /// The rows of `groups`, one after the other.
  ///
  /// - Parameter place: names the log or file in refusals.
  init(_ definition: ModelDefinition, _ groups: [RowGroup], place: String) throws(QueryError) {
    rowCount = groups.reduce(0) { $0 + $1.rowCount }
    var columns: [IDColumn] = []
    for field in definition.fields { columns.append(try IDColumn(groups, field: field, place: place)) }
    self.columns = columns
    var events: [EventValues] = []
    for (field, column) in zip(definition.fields, columns) {
      events.append(try EventValues(groups, field, column, place: place))
    }
    self.events = events
    labels = definition.labels.map { Self.label(groups, $0) }
    dense = Self.dense(definition, groups, rowCount)
    weights = Self.weights(groups, rowCount)
  }

  /// A log without the label, as a file to predict may be, has it unknown everywhere.
  private static func label(_ groups: [RowGroup], _ name: String) -> [Float] {
    var values: [Float] = []
    for group in groups {
      if case .real(let known)? = group.columns["label/\(name)"] {
        values += known
      } else {
        values += repeatElement(.nan, count: group.rowCount)
      }
    }
    return values
  }

  private static func dense(_ definition: ModelDefinition, _ groups: [RowGroup], _ rowCount: Int) -> [Float] {
    let width = definition.dense.count
    var dense = [Float](repeating: 0, count: rowCount * width)
    for (index, field) in definition.dense.enumerated() {
      var row = 0
      for group in groups {
        if case .real(let values)? = group.columns["dense/\(field.name)"] {
          for (offset, value) in values.enumerated() { dense[(row + offset) * width + index] = field(value) }
        }
        row += group.rowCount
      }
    }
    return dense
  }

  private static func weights(_ groups: [RowGroup], _ rowCount: Int) -> [Float] {
    guard groups.contains(where: { $0.columns["weight"] != nil }) else { return [] }
    var weights: [Float] = []
    weights.reserveCapacity(rowCount)
    for group in groups {
      if case .real(let values)? = group.columns["weight"] {
        weights += values.map { $0.isNaN ? 1 : $0 }
      } else {
        weights += repeatElement(1, count: group.rowCount)
      }
    }
    return weights
  }
}
