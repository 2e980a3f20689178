import LoamSchema
import LoamStore

/// Reads logs batch by batch, as a model sees them: the one way in which features reach training and evaluation.
///
/// ```swift
/// let reader = try FeatureReader(snapshot, logs: ["train"], definition: definition)
/// try reader.begin(epoch: 3, seed: 1, windowRows: 262_144, skippingRows: 40_960)
/// var batch = FeatureBatch()
/// while try reader.next(4_096, into: &batch, by: rows) { ... }
/// ```
///
/// The batches depend on the rows of the logs, the seed and the epoch, and not on how the logs were ingested. One
/// thread uses it. It holds one window of row groups.
public final class FeatureReader {
  public let definition: ModelDefinition
  private let logs: [(name: String, reader: FeatureLogReader)]
  /// Of every group of all logs: which log, which group, how many rows.
  private let groups: [(log: Int, group: Int, rows: Int)]
  private let resolver: BatchResolver
  private let raw: RawBatch
  private var window: FeatureWindow?
  private var order = ReadingOrder(groupRows: [], windowRows: 1, seed: nil, epoch: 0)
  private var nextWindow = 0
  /// Rows of the loaded window that are used up.
  private var used = 0
  private let (room, memory, decoding) = (ColumnRoom(), WindowMemory(), DecodingRoom())

  public init(_ snapshot: Snapshot, logs names: [String], definition: ModelDefinition) throws(QueryError) {
    self.definition = definition
    resolver = BatchResolver(definition)
    raw = RawBatch(definition)
    var logs: [(name: String, reader: FeatureLogReader)] = []
    var groups: [(log: Int, group: Int, rows: Int)] = []
    for name in names {
      guard
        let reader = try QueryError.passing({ () throws(StoreError) in
          try FeatureLogReader(snapshot, TableName(.log, name))
        })
      else { throw Self.unknownLog(name, snapshot) }
      for group in 0..<reader.groupCount {
        let rows = min(reader.rowsPerGroup, reader.rowCount - group * reader.rowsPerGroup)
        groups.append((logs.count, group, rows))
      }
      logs.append((name, reader))
    }
    self.logs = logs
    self.groups = groups
  }

  private static func unknownLog(_ name: String, _ snapshot: Snapshot) -> QueryError {
    let known = snapshot.record.tables.keys.compactMap { TableName($0) }.filter { $0.kind == .log }.map(\.name)
    let near = nearestName(to: name, among: known)
    return .query(
      .unknownLog,
      "version \(snapshot.record.version) has no log '\(name)'; it has: \(known.sorted().joined(separator: ", "))",
      hint: near.map { "Did you mean '\($0)'?" })
  }

  public var rowCount: Int { groups.reduce(0) { $0 + $1.rows } }

  /// Goes to the beginning of an epoch, or to a row within it.
  ///
  /// - Parameter seed: `nil`: the rows come in the order of the logs.
  public func begin(epoch: Int = 0, seed: UInt64? = nil, windowRows: Int = 32_768, skippingRows: Int = 0)
    throws(QueryError)
  {
    order = ReadingOrder(groupRows: groups.map(\.rows), windowRows: windowRows, seed: seed, epoch: epoch)
    (window, used) = (nil, 0)
    nextWindow = order.windows.firstIndex { $0.start + $0.rowCount > skippingRows } ?? order.windows.count
    if nextWindow < order.windows.count, skippingRows > 0 {
      try loadWindow()
      used = skippingRows - order.windows[nextWindow - 1].start
    }
  }

  /// Fills a batch with the next `rowCount` rows, fewer at the end of the epoch.
  ///
  /// - Returns: false after the last row.
  public func next(_ rowCount: Int, into batch: inout FeatureBatch, by rows: any RowResolver) throws(QueryError)
    -> Bool
  {
    guard try next(rowCount, into: raw) else { return false }
    try resolver.resolve(raw, by: rows, into: &batch)
    return true
  }

  /// The same without looking IDs up, which a `BatchResolver` does where the tables are.
  public func next(_ rowCount: Int, into raw: RawBatch) throws(QueryError) -> Bool {
    raw.begin()
    while raw.rowCount < rowCount {
      guard let window, used < window.rowCount else {
        guard nextWindow < order.windows.count else { break }
        try loadWindow()
        continue
      }
      let end = min(used + rowCount - raw.rowCount, window.rowCount)
      raw.append(used..<end, of: window)
      used = end
    }
    return raw.rowCount > 0
  }

  /// Visits every raw value of a dense field, in the order of the logs.
  public func forEachDenseValue(_ field: String, _ body: (Float) -> Void) throws(QueryError) {
    for entry in groups {
      guard case .real(let values)? = try group(entry).column("dense/\(field)") else { continue }
      for value in values { body(value) }
    }
  }

  private func loadWindow() throws(QueryError) {
    let wanted = order.windows[nextWindow].groups
    let names = Set(wanted.map { logs[groups[$0].log].name }).sorted().map { "log '\($0)'" }
    // The next one takes the memory of the last, but for what batches still point at.
    window = nil
    window = try FeatureWindow(
      definition, wanted.map { group(groups[$0]) }, order: order.rows(ofWindow: nextWindow),
      place: names.joined(separator: ", "), room: room, memory: memory)
    used = 0
    nextWindow += 1
  }

  private func group(_ entry: (log: Int, group: Int, rows: Int)) -> LogGroup {
    LogGroup(log: logs[entry.log].reader, group: entry.group, rowCount: entry.rows, room: decoding)
  }
}
