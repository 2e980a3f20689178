import LoamStore

extension Snapshot {
  /// Columns of a table's kind that its spec does not list have numbers below this.
  private static let unlistedColumns: UInt16 = 80

  /// Every block of a table in a shard that this version shows.
  func everyBlock(of name: TableName, shard: Int) throws(StoreError) -> [Block] {
    guard let spec = spec(name) else { return [] }
    let last = spec.columns.map { $0.number + 1 }.max() ?? 0
    var found: [Block] = []
    for column in 0..<max(last, Self.unlistedColumns) {
      found += try blocks(table: spec.number, column: column, shard: shard)
    }
    return found
  }
}
