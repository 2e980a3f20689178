import LoamQuery
import LoamSchema
import LoamStore

/// The slices of one log that metrics ask for, and its groups.
struct LogSlices {
  /// Rows in the order of the log.
  private(set) var slices: [(slice: Slice, rows: [UInt32])] = []
  /// Of each row the number of its group, nil without a value; nil: no groups are asked for.
  private(set) var groups: [UInt32?]?

  /// - Parameter train: the logs whose counts are meant.
  init(_ snapshot: Snapshot, log: String, _ metrics: MetricsConfig, _ definition: ModelDefinition, train: [String])
    throws(TrainingError)
  {
    if let field = metrics.group {
      let values = try RowValues(snapshot, log: log, field: field.name)
      groups = values.codes.map { values.distinct[Int($0)] == .missing ? nil : $0 }
    }
    func counts(_ field: MetricsConfig.Field) throws(TrainingError) -> TrainingCounts {
      try TrainingError.store { () throws(StoreError) in
        try TrainingCounts(snapshot, space: field.space, logs: train)
      }
    }
    for field in metrics.slices {
      let values = try RowValues(snapshot, log: log, field: field.name)
      try add(values, field.name, most: metrics.sliceValues, try counts(field))
    }
    var frequency = metrics.frequency ?? []
    if metrics.frequency == nil {
      var most = 0
      for field in definition.fields where field.shape == .single {
        let candidate = MetricsConfig.Field(name: field.name, space: definition.tables[field.table].space)
        let ids = try counts(candidate).idCount
        if ids > most { (most, frequency) = (ids, [candidate]) }
      }
    }
    for field in frequency {
      try add(RowValues(snapshot, log: log, field: field.name), field.name, byCount: try counts(field))
    }
  }

  /// The most frequent values of the log by falling frequency, then `:others`.
  private mutating func add(_ values: RowValues, _ field: String, most: Int, _ counts: TrainingCounts)
    throws(TrainingError)
  {
    var rows = [Int](repeating: 0, count: values.distinct.count)
    for code in values.codes { rows[Int(code)] += 1 }
    // Equal ones in order of first appearance.
    let order = rows.indices.sorted { rows[$0] != rows[$1] ? rows[$0] > rows[$1] : $0 < $1 }.prefix(most)
    var slots = [Int](repeating: order.count, count: rows.count)
    var names: [String] = []
    for (slot, index) in order.enumerated() {
      slots[index] = slot
      names.append(try TrainingError.store { () throws(StoreError) in try counts.text(values.distinct[index]) })
    }
    add(values.codes, slots: slots, names: names + [":others"], .value, field)
  }

  private mutating func add(_ values: RowValues, _ field: String, byCount counts: TrainingCounts)
    throws(TrainingError)
  {
    let missing = FrequencyBuckets.bounds.count + 1
    var slots: [Int] = []
    for id in values.distinct {
      let count = try TrainingError.store { () throws(StoreError) in try counts.count(id) }
      slots.append(id == .missing ? missing : FrequencyBuckets.index(count))
    }
    add(
      values.codes, slots: slots, names: (0..<missing).map(FrequencyBuckets.name) + [":missing"], .frequency, field)
  }

  private mutating func add(_ codes: [UInt32], slots: [Int], names: [String], _ kind: Slice.Kind, _ field: String) {
    var rows = [[UInt32]](repeating: [], count: names.count)
    for (row, code) in codes.enumerated() { rows[slots[Int(code)]].append(UInt32(row)) }
    for (name, rows) in zip(names, rows) where !rows.isEmpty {
      slices.append((Slice(kind: kind, field: field, value: name), rows))
    }
  }
}
