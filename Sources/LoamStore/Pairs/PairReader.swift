import LoamSchema

/// The pairs of a timeline at one version, as neighbours of each ID.
///
/// Opening reads every pair once: 16 bytes of memory for each neighbour, twice the pairs.
public final class PairReader: Sendable {
  public struct Neighbour: Sendable, Equatable {
    public var id: ID
    public var count: UInt64
  }
  public let spec: TableSpec
  /// Different pairs.
  public let pairCount: Int
  /// Counts of all of them.
  public let total: UInt64
  private let neighbours: [ID: [Neighbour]]

  /// `nil`: this version does not have the table.
  public init?(_ snapshot: Snapshot, timeline: String) throws(StoreError) {
    guard let table = try IDTableReader(snapshot, TableName(.pairs, timeline)) else { return nil }
    spec = table.spec
    var neighbours: [ID: [Neighbour]] = [:]
    var (pairs, total) = (0, UInt64(0))
    for shard in 0..<table.shardCount {
      for slot in table.slots(shard: shard) {
        let row = RowReference(shard: shard, slot: slot)
        guard try table.idInUse(row) != nil else { continue }
        func number(_ column: Int) throws(StoreError) -> UInt64 {
          var value: UInt64 = 0
          try withUnsafeMutableBytes(of: &value) { (bytes) throws(StoreError) in
            try table.read(column, row, into: bytes.baseAddress!)
          }
          return value
        }
        let (first, second, count) = (
          try number(TableSpec.pairFirst), try number(TableSpec.pairSecond), try number(TableSpec.pairCount)
        )
        neighbours[first, default: []].append(Neighbour(id: second, count: count))
        neighbours[second, default: []].append(Neighbour(id: first, count: count))
        pairs += 1
        total += count
      }
    }
    (pairCount, self.total) = (pairs, total)
    self.neighbours = neighbours.mapValues { list in
      list.sorted { $0.count != $1.count ? $0.count > $1.count : $0.id < $1.id }
    }
  }

  /// IDs that have neighbours.
  public var ids: some Collection<ID> { neighbours.keys }

  /// Highest counts first; of equal ones the smaller ID.
  public func neighbours(of id: ID) -> [Neighbour] { neighbours[id] ?? [] }
}
