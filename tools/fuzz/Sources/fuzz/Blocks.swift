import LoamSchema

@testable import LoamStore

enum Blocks {
  private static let kinds: [LogColumnKind] = [.real, .time, .id, .ids, .weightedIDs]
  private static let fields = [TimelineFieldSpec("item", .id), TimelineFieldSpec("price", .real)]

  /// The first byte chooses the structure, the second a number that it is asked for.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return }
    do { try read(bytes[0], Int(bytes[1]), Array(bytes[2...])) } catch {
      precondition(error is StoreError, "\(error)")
    }
  }

  private static func read(_ choice: UInt8, _ number: Int, _ content: [UInt8]) throws {
    switch choice % 8 {
    case 0:
      let change = try TableChange(content, place: "fuzz")
      // Other bytes may say the same (a gap in byte planes, JSON): what is written is read again.
      _ = try TableChange(change.encoded, place: "again")
    case 1:
      let meta = try IDTableMeta(content, place: "fuzz")
      precondition(meta.free <= meta.slots)
    case 2: try dictionary(content, rows: number)
    case 3:
      let column = try LogColumnEncoding.decode(content, kind: kinds[number % kinds.count], rows: number, place: "fuzz")
      if case .ids(let ids) = column {
        precondition(ids.codes.allSatisfy { $0 == CodedIDs.missing || $0 < UInt32(ids.distinct.count) })
      }
    case 4:
      let meta = try TimelineMeta(content, place: "fuzz")
      let again = try TimelineMeta(meta.bytes, place: "again")
      precondition(again.segments.count == meta.segments.count)
    case 5: try events(content, count: number)
    case 6: try patch(content)
    default: _ = try DeltaManifest(content, place: "fuzz")
    }
  }

  private static func dictionary(_ content: [UInt8], rows: Int) throws {
    let block = try DictionaryBlock(content, rows: rows, place: "fuzz")
    for row in 0..<block.rows { _ = block[row]?.count }
  }

  private static func events(_ content: [UInt8], count: Int) throws {
    let block = try EventBlockEncoding.decode(content, count: count, fields, place: "fuzz")
    precondition(block.times.count == count)
  }

  /// A whole value: header and content.
  private static func patch(_ content: [UInt8]) throws {
    try content.withUnsafeBytes { value in
      guard value.count >= BlockHeader.size else { return }
      let address = BlockAddress(table: 1, column: 16 | PatchPack.columnBit, block: 0)
      let pack = try PatchPack(Block(address: address, stamp: 1, value: value))
      for block in pack.firstBlock..<pack.firstBlock + 64 where pack.contains(block: block) {
        pack.forEachRow(ofBlock: block) { row, position in
          precondition(row < pack.rowsPerBlock)
          _ = (pack.rows + position * pack.stride).load(as: UInt8.self)
        }
      }
    }
  }
}
