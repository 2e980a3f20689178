import LoamSchema
import Testing

@testable import LoamStore

@Suite struct StoredIDsTests {
  /// So many distinct IDs, one row in seven without any.
  private static func column(distinct: Int, rows: Int) -> CodedIDs {
    CodedIDs(
      distinct: (0..<distinct).map { ID($0) &* 0x9E37_79B9_7F4A_7C15 },
      codes: (0..<rows).map { $0 % 7 == 3 ? CodedIDs.missing : UInt32($0 % distinct) })
  }

  private static func ids(_ stored: StoredIDs) -> [ID?] {
    (0..<stored.codes.count / stored.codeBytes).map { row in
      let code =
        switch stored.codeBytes {
        case 1: Int(stored.codes[row])
        case 2: Int(stored.codes.loadUnaligned(fromByteOffset: 2 * row, as: UInt16.self))
        default: Int(stored.codes.loadUnaligned(fromByteOffset: 4 * row, as: UInt32.self))
        }
      return code * 8 < stored.distinct.count
        ? stored.distinct.loadUnaligned(fromByteOffset: 8 * code, as: ID.self) : nil
    }
  }

  private static func read(_ bytes: [UInt8], rows: Int) throws(StoreError) -> [ID?] {
    try bytes.reading("a column") { (reader) throws(StoreError) in
      ids(try LogColumnEncoding.storedIDs(&reader, rows: rows))
    }
  }

  @Test(arguments: [3, 255, 256, 40_000, 70_000])
  func `IDs handed over where they lie are those that went in, whatever the width of their codes`(distinct: Int) throws
  {
    let column = Self.column(distinct: distinct, rows: 80_000)
    let found = try Self.read(LogColumnEncoding.encode(.ids(column)), rows: 80_000)
    #expect(found == column.codes.map { $0 == CodedIDs.missing ? nil : column.distinct[Int($0)] })
  }

  @Test func `Bytes that are no column are refused, and no changed byte is read beyond its end`() throws {
    let bytes = LogColumnEncoding.encode(.ids(Self.column(distinct: 9, rows: 50)))
    for length in 0..<bytes.count {
      #expect(throws: StoreError.self) { try Self.read(Array(bytes[..<length]), rows: 50) }
    }
    #expect(throws: StoreError.self) { try Self.read(bytes + [0], rows: 50) }
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= 0xFF
      _ = try? Self.read(changed, rows: 50)
    }
  }

  @Test func `A group that is older than the column has no IDs, and a column of another kind is none`() throws {
    let scratch = try StructureStore(shards: 2)
    let spec = TableSpec(TableName(.log, "train"))
    let write = try scratch.store.begin([spec])
    let log = try FeatureLogWriter(write, spec)
    try log.append(RowGroup(rowCount: 32_768, columns: ["dense/x": .real([Float](repeating: 1, count: 32_768))]))
    try log.append(RowGroup(rowCount: 2, columns: ["id/late": .ids(CodedIDs(distinct: [7], codes: [0, 0]))]))
    try log.flush()
    try write.publish()
    let reader = try #require(try FeatureLogReader(scratch.store.snapshot(), spec.name))
    let room = DecodingRoom()
    let old = try #require(try reader.withIDs("id/late", group: 0, room: room, Self.ids))
    #expect(old.count == 32_768 && old.allSatisfy { $0 == nil })
    #expect(try reader.withIDs("id/late", group: 1, room: room, Self.ids) == [7, 7])
    #expect(try reader.withIDs("dense/x", group: 0, room: room, Self.ids) == nil)
    #expect(try reader.withIDs("id/never", group: 0, room: room, Self.ids) == nil)
  }
}
