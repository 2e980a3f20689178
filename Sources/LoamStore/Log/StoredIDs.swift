/// One column of one ID a row as a group of a log stores it: what `CodedIDs` is, without arrays made of it.
public struct StoredIDs {
  /// Eight bytes an ID, in order of first appearance.
  public let distinct: UnsafeRawBufferPointer
  /// One a row, `codeBytes` bytes each. The code of a row without an ID is no place in `distinct`.
  public let codes: UnsafeRawBufferPointer
  /// 1, 2 or 4.
  public let codeBytes: Int

  public init(distinct: UnsafeRawBufferPointer, codes: UnsafeRawBufferPointer, codeBytes: Int) {
    (self.distinct, self.codes, self.codeBytes) = (distinct, codes, codeBytes)
  }
}

extension FeatureLogReader {
  /// Hands over a column of one ID a row, valid within the call; `nil`: the log has no such column of this kind.
  ///
  /// - Parameter room: to decode in.
  public func withIDs<R>(
    _ name: String, group index: Int, room: DecodingRoom, _ body: (StoredIDs) -> R
  ) throws(StoreError) -> R? {
    precondition((0..<groupCount).contains(index), "group \(index) of \(groupCount)")
    guard let column = meta.columns.first(where: { $0.name == name }), column.kind == .id else { return nil }
    let rows = meta.rowCount(group: index)
    let address = BlockAddress(table: spec.number, column: column.number, block: UInt64(index))
    guard let block = try snapshot.block(address, shard: index % snapshot.shardCount) else {
      // A column that is younger than the group: every code is beyond the IDs, of which there are none.
      let none = room.reserve(rows)
      none.initializeMemory(as: UInt8.self, repeating: 0)
      let noIDs = UnsafeRawBufferPointer(start: nil, count: 0)
      return body(StoredIDs(distinct: noIDs, codes: UnsafeRawBufferPointer(none), codeBytes: 1))
    }
    let content = try block.content(in: room)
    var reader = ByteReader(content, place: "\(spec.name) column \(name) group \(index)")
    return body(try LogColumnEncoding.storedIDs(&reader, rows: rows))
  }
}
