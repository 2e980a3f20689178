import LoamSchema
import LoamStore

/// The occurrences of an ID space whose counts are estimated: those of IDs that are frequent enough go to its table.
///
/// ```
///   occurrence ─▶ sketch:SPACE/LOG ─ estimate ─▶ below the minimum: nothing more
///                                             └▶ ids:SPACE: a row; its count begins with the estimate
/// ```
///
/// Occurrences are taken one by one in the order of rows, fields and values, so that the cutting into chunks and batches
/// changes nothing.
struct EstimatedSpace {
  let writer: CountMinWriter
  private let minimum: UInt32
  /// Columns of the log, in the order of fields.
  private let columns: [String]

  /// An occurrence of an ID that is frequent enough.
  struct Admitted {
    var id: ID
    var estimate: UInt32
    var time: Int64
  }

  /// `nil`: the space is counted exactly.
  static func spec(_ space: String, _ plan: RowPlan, log: String) -> TableSpec? {
    plan.admission(of: space).map { _ in .sketch(space: space, log: log) }
  }

  /// Throws `mismatch` where the log's counts of the space were begun otherwise.
  static func check(_ space: String, _ plan: RowPlan, log: String, _ latest: Snapshot) throws(StoreError) {
    let isCounted = latest.spec(TableName(.ids, space))?.column(SpaceTable.count(log)) != nil
    let isEstimated = latest.spec(TableName(.sketch, "\(space)/\(log)")) != nil
    guard isCounted, isEstimated != (plan.admission(of: space) != nil) else { return }
    throw StoreError(
      .mismatch,
      "the log \(log) has \(isEstimated ? "estimated" : "exact") counts of the space \(space), the schema asks for "
        + (isEstimated ? "exact ones" : "estimates"),
      hint: "Give the field another ID space, or ingest into another log.")
  }

  /// `nil`: the space is counted exactly.
  init?(_ write: Write, _ space: String, _ plan: RowPlan, log: String) throws(StoreError) {
    guard let admission = plan.admission(of: space) else { return nil }
    let shape = try CountMinShape(epsilon: admission.epsilon, delta: admission.delta)
    writer = try CountMinWriter(write, space: space, log: log, shape)
    minimum = UInt32(admission.minimumCount)
    columns = plan.schema.ids.filter { $0.space == space }.map { "id/\($0.name)" }
  }

  /// Counts a chunk's occurrences; those to be counted in the space's table too, in their order.
  func count(_ group: RowGroup, timeOffset: Int64) throws(StoreError) -> [Admitted] {
    let (ids, rows) = occurrences(group)
    let estimates = try writer.count(ids)
    var times: [Timestamp]?
    if case .time(let events)? = group.columns["time/event"] { times = events }
    return ids.indices.compactMap { place in
      guard estimates[place] >= minimum else { return nil }
      let row = Int(rows[place])
      return Admitted(id: ids[place], estimate: estimates[place], time: (times?[row] ?? Int64(row)) + timeOffset)
    }
  }

  private func occurrences(_ group: RowGroup) -> (ids: [ID], rows: [UInt32]) {
    let fields = columns.compactMap { name -> CodedIDs? in
      if case .ids(let ids)? = group.columns[name] { ids } else { nil }
    }
    var (ids, rows): ([ID], [UInt32]) = ([], [])
    ids.reserveCapacity(fields.reduce(0) { $0 + $1.codes.count })
    rows.reserveCapacity(ids.capacity)
    for row in 0..<group.rowCount {
      for field in fields {
        let values = field.offsets.map { Int($0[row])..<Int($0[row + 1]) } ?? row..<row + 1
        for code in field.codes[values] where code != CodedIDs.missing {
          ids.append(field.distinct[Int(code)])
          rows.append(UInt32(row))
        }
      }
    }
    return (ids, rows)
  }
}
