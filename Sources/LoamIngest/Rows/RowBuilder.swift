import LoamSchema
import LoamStore

/// Gathers records into a row group and tallies their IDs.
///
/// A record is parsed whole before anything of it is kept, so a malformed one leaves no trace: no count, no slot.
struct RowBuilder {
  let plan: RowPlan
  /// By space; emptied by the caller once the group was taken.
  let tallies: [SpaceTally]
  private(set) var rowCount = 0
  /// What `known_at: now` stores.
  var now: Timestamp
  private let parser: ValueParser
  private var idColumns: [IDColumn]
  private var labels: [[Float]]
  private var labelTimes: [[Timestamp]]
  private var dense: [[Float]]
  private var weights: [Float] = []
  private var eventTimes: [Timestamp] = []
  private var knownTimes: [Timestamp] = []
  private var rowKeys = RowKeyColumns()

  // The record at hand, parsed.
  private var rowLabels: [Float]
  private var rowLabelTimes: [Timestamp]
  private var rowDense: [Float]
  private var rowIDs: [ParsedID] = []
  private var rowIDEnds: [Int]

  init(_ plan: RowPlan, now: Timestamp) {
    self.plan = plan
    self.now = now
    parser = ValueParser(plan: plan)
    tallies = zip(plan.spaces, plan.spaceIsString).map { SpaceTally($0, isString: $1) }
    idColumns = plan.ids.map { IDColumn($0) }
    labels = plan.labels.map { _ in [] }
    labelTimes = plan.labels.map { _ in [] }
    dense = plan.dense.map { _ in [] }
    rowLabels = Array(repeating: .nan, count: plan.labels.count)
    rowLabelTimes = Array(repeating: .absent, count: plan.labels.count)
    rowDense = Array(repeating: .nan, count: plan.dense.count)
    rowIDEnds = Array(repeating: 0, count: plan.ids.count)
  }

  /// Takes one record in; `places` says where the file has the plan's columns.
  mutating func append(_ record: borrowing Record, _ places: [Int]) throws(RecordError) {
    let times: (event: Timestamp, known: Timestamp, weight: Float)
    do throws(RowFault) {
      try parseKey(record, places)
      try parseLabels(record, places)
      try parseFeatures(record, places)
      times = try parseRest(record, places)
    } catch { throw .row(error) }
    do throws(IngestError) {
      try keepIDs(at: plan.eventTime == nil ? Int64(rowCount) : times.event)
    } catch { throw .input(error) }
    for index in rowLabels.indices {
      labels[index].append(rowLabels[index])
      if plan.labels[index].availableAt != nil { labelTimes[index].append(rowLabelTimes[index]) }
    }
    for index in rowDense.indices { dense[index].append(rowDense[index]) }
    if plan.weight != nil { weights.append(times.weight) }
    if plan.eventTime != nil { eventTimes.append(times.event) }
    if times.known != .absent { knownTimes.append(times.known) }
    if !plan.rowKey.isEmpty { rowKeys.endRow() }
    rowCount += 1
  }

  private mutating func parseKey(_ record: borrowing Record, _ places: [Int]) throws(RowFault) {
    if plan.rowKey.isEmpty { return }
    rowKeys.dropRow()
    for source in plan.rowKey {
      let field = parser.field(source, of: record, places)
      let nowhere = places[source] < 0 ? record.nowhere : record.fields[places[source]].text
      rowKeys.append(try parser.keyText(field, source, or: nowhere))
    }
  }

  private mutating func parseLabels(_ record: borrowing Record, _ places: [Int]) throws(RowFault) {
    for index in plan.labels.indices {
      let label = plan.labels[index]
      if let field = parser.field(label.source, of: record, places) {
        rowLabels[index] = try parser.label(field, label)
      } else {
        rowLabels[index] = .nan
      }
      guard let time = label.availableAt else { continue }
      if let field = parser.field(time.source, of: record, places) {
        rowLabelTimes[index] = try parser.time(field, time)
      } else {
        rowLabelTimes[index] = .absent
      }
    }
  }

  private mutating func parseFeatures(_ record: borrowing Record, _ places: [Int]) throws(RowFault) {
    for index in plan.dense.indices {
      let source = plan.dense[index]
      if let field = parser.field(source, of: record, places) {
        rowDense[index] = try parser.real(field, source)
      } else {
        rowDense[index] = .nan
      }
    }
    rowIDs.removeAll(keepingCapacity: true)
    for index in plan.ids.indices {
      let ids = plan.ids[index]
      if let field = parser.field(ids.source, of: record, places) {
        try parser.appendIDs(field, ids, of: record, to: &rowIDs)
      }
      rowIDEnds[index] = rowIDs.count
    }
  }

  private func parseRest(
    _ record: borrowing Record, _ places: [Int]
  ) throws(RowFault) -> (event: Timestamp, known: Timestamp, weight: Float) {
    var (event, known, weight) = (Timestamp.absent, Timestamp.absent, Float(1))
    if let time = plan.eventTime { event = try requiredTime(time, "an event time", record, places) }
    switch plan.schema.knownAt {
    case .eventTime: known = event
    case .now: known = now
    case .column: known = try requiredTime(plan.knownAt!, "a known_at time", record, places)
    }
    if let source = plan.weight, let field = parser.field(source, of: record, places) {
      weight = try parser.weight(field, source)
    }
    return (event, known, weight)
  }

  private func requiredTime(
    _ time: RowPlan.Time, _ what: String, _ record: borrowing Record, _ places: [Int]
  ) throws(RowFault) -> Timestamp {
    guard let field = parser.field(time.source, of: record, places) else {
      let place = places[time.source]
      let text = place < 0 ? record.nowhere : record.fields[place].text
      throw RowFault(text, column: plan.columns[time.source], "every row needs \(what)")
    }
    return try parser.time(field, time)
  }

  private mutating func keepIDs(at time: Int64) throws(IngestError) {
    var start = 0
    for index in idColumns.indices {
      let space = plan.ids[index].space
      let end = rowIDEnds[index]
      try idColumns[index].append(rowIDs, start..<end, at: time, row: rowCount, tallies[space])
      start = end
    }
  }

  /// Of the rows gathered since the last call.
  mutating func takeKeys() -> [RowKey] { rowKeys.take() }

  /// The rows gathered since the last call. The tallies stay until `clearTallies`.
  mutating func takeGroup() -> RowGroup {
    var columns: [String: RowGroup.Column] = [:]
    for (index, label) in plan.labels.enumerated() {
      columns["label/\(label.field.name)"] = .real(take(&labels[index]))
      if label.availableAt != nil {
        columns["label/\(label.field.name)/available_at"] = .time(take(&labelTimes[index]))
      }
    }
    for (index, field) in plan.schema.dense.enumerated() { columns["dense/\(field.name)"] = .real(take(&dense[index])) }
    for (index, ids) in plan.ids.enumerated() {
      columns["id/\(ids.field.name)"] = .ids(idColumns[index].take(tallies[ids.space]))
    }
    if plan.weight != nil { columns["weight"] = .real(take(&weights)) }
    if plan.eventTime != nil { columns["time/event"] = .time(take(&eventTimes)) }
    if !knownTimes.isEmpty { columns["time/known"] = .time(take(&knownTimes)) }
    defer { rowCount = 0 }
    return RowGroup(rowCount: rowCount, columns: columns)
  }

  func clearTallies() { for tally in tallies { tally.removeAll() } }

  private func take<Value>(_ values: inout [Value]) -> [Value] {
    let taken = values
    values = []
    values.reserveCapacity(taken.count)
    return taken
  }
}
