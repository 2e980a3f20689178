import LoamSchema
import LoamStore

/// Some row groups in memory, column by column, in the order in which they are read: batches are neighbouring rows of it.
///
/// It does not change once it is made, except for what a `BatchResolver` notes in its columns.
final class FeatureWindow {
  /// The rows of the groups, one group after the other, in reading order. Labels, weights, dense values and fields of
  /// several values lie in the order of the groups, single IDs, which are most of a log, in reading order.
  let order: [UInt32]
  let columns: [IDColumn]
  /// One a field; empty arrays where it is no sequence of known events.
  let events: [EventValues]
  let labels: [[Float]]
  /// Empty: all 1.
  let weights: [Float]
  /// `[rows, dense fields]`, transformed.
  let dense: [Float]

  var rowCount: Int { order.count }

  /// The rows of `groups`, one after the other.
  ///
  /// - Parameters:
  ///   - order: in which they are read; `nil`: as they come.
  ///   - place: names the log or file in refusals.
  init(
    _ definition: ModelDefinition, _ groups: [any WindowGroup], order: [UInt32]? = nil, place: String,
    room: ColumnRoom = ColumnRoom(), memory: WindowMemory = WindowMemory()
  ) throws(QueryError) {
    let rowCount = groups.reduce(0) { $0 + $1.rowCount }
    let order = order ?? Array(0..<UInt32(rowCount))
    precondition(order.count == rowCount && order.allSatisfy { $0 < rowCount }, "an order of other rows")
    self.order = order
    var columns: [IDColumn] = []
    for field in definition.fields {
      columns.append(
        field.shape == .single
          ? try IDColumn(groups, single: field, order: order, place: place, room, memory)
          : try IDColumn(groups, several: field, place: place, memory))
    }
    self.columns = columns
    var events: [EventValues] = []
    for (field, column) in zip(definition.fields, columns) {
      events.append(try EventValues(groups, field, column, place: place, memory))
    }
    self.events = events
    var labels: [[Float]] = []
    for name in definition.labels { labels.append(try Self.label(groups, name)) }
    self.labels = labels
    dense = try Self.dense(definition, groups, rowCount)
    weights = try Self.weights(groups, rowCount)
  }

  /// A log without the label, as a file to predict may be, has it unknown everywhere.
  private static func label(_ groups: [any WindowGroup], _ name: String) throws(QueryError) -> [Float] {
    var values: [Float] = []
    for group in groups {
      if case .real(let known)? = try group.column("label/\(name)") {
        values += known
      } else {
        values += repeatElement(.nan, count: group.rowCount)
      }
    }
    return values
  }

  private static func dense(_ definition: ModelDefinition, _ groups: [any WindowGroup], _ rowCount: Int)
    throws(QueryError) -> [Float]
  {
    let width = definition.dense.count
    var dense = [Float](repeating: 0, count: rowCount * width)
    for (index, field) in definition.dense.enumerated() {
      var row = 0
      for group in groups {
        if case .real(let values)? = try group.column("dense/\(field.name)") {
          for (offset, value) in values.enumerated() { dense[(row + offset) * width + index] = field(value) }
        }
        row += group.rowCount
      }
    }
    return dense
  }

  private static func weights(_ groups: [any WindowGroup], _ rowCount: Int) throws(QueryError) -> [Float] {
    var weights: [Float] = []
    var row = 0
    for group in groups {
      if case .real(let values)? = try group.column("weight") {
        // Groups of logs with and without weights may meet in a window.
        weights += repeatElement(1, count: row - weights.count)
        weights += values.map { $0.isNaN ? 1 : $0 }
      }
      row += group.rowCount
    }
    if !weights.isEmpty { weights += repeatElement(1, count: rowCount - weights.count) }
    return weights
  }
}
