import FoundationEssentials

/// What a feature log knows about itself: column 0, block 0 of shard 0, as JSON.
struct LogMeta: Codable, Sendable, Equatable {
  struct Column: Codable, Sendable, Equatable {
    var name: String
    /// Given in order of appearance, from `firstColumn` up.
    var number: UInt16
    var kind: LogColumnKind
  }
  var rows: UInt64 = 0
  var columns: [Column] = []
  var sources: [LogSource] = []
  /// Of the real columns.
  var statistics: [String: ColumnStatistics] = [:]

  static let number: UInt16 = 0
  static let firstColumn: UInt16 = 16
  /// Fixed, and the last group is written again as it fills: the cutting never depends on batches.
  static let rowsPerGroup = 32_768

  init() {}

  static func address(_ table: UInt32) -> BlockAddress { BlockAddress(table: table, column: number, block: 0) }

  init(_ snapshot: Snapshot, _ spec: TableSpec) throws(StoreError) {
    guard let block = try snapshot.block(Self.address(spec.number), shard: 0) else { return }
    do { self = try JSONDecoder().decode(Self.self, from: Data(try block.content())) } catch {
      throw StoreError(.badBlock, "\(spec.name): the log's description does not decode: \(error)")
    }
    let numbers = Set(columns.map(\.number))
    guard numbers.count == columns.count, Set(columns.map(\.name)).count == columns.count,
      numbers.allSatisfy({ $0 >= Self.firstColumn }), rows <= UInt64(UInt32.max) * UInt64(Self.rowsPerGroup)
    else { throw StoreError(.badBlock, "\(spec.name): the log's description contradicts itself") }
  }

  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(self) else { preconditionFailure("the log's description always encodes") }
    return [UInt8](data)
  }

  var groupCount: Int { (Int(rows) + Self.rowsPerGroup - 1) / Self.rowsPerGroup }

  func rowCount(group: Int) -> Int { min(Self.rowsPerGroup, Int(rows) - group * Self.rowsPerGroup) }
}
