import Foundation
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct PatchDamageTests {
  private static let seed = UInt64.random(in: 0..<1 << 40)

  @Test func aFlippedBitOfAPatchIsRefusedAtFirstTouchAndNeverServed() throws {
    let patched = try PatchedStore(seed: Self.seed)
    for _ in 0..<3 { try patched.commit(update: 200) }
    var random = SeededGenerator(Self.seed)
    let ids = patched.ids
    let whole: [Float] = try reader(patched).lookup(ids, column: 0)
    let packs = try patched.blocks().filter { $0.address.column == PatchedStore.vectorPacks }
    #expect(packs.count == 6)
    for pack in packs {
      for bits in [BlockHeader.size * 8, (BlockHeader.size + 64) * 8, pack.value.count * 8] {
        let bit = Int(random.next() % UInt64(bits))
        try patched.flip(pack, bit: bit)
        let what: Comment = "\(pack.address), stamp \(pack.stamp), bit \(bit), seed \(Self.seed)"
        let reader = try reader(patched)
        var out = [Float](repeating: -1, count: whole.count)
        for _ in 0..<2 {
          // Again: an error must not leave the block marked as verified.
          #expect(throws: StoreError.self, what) {
            try out.withUnsafeMutableBufferPointer { out in
              try ids.withUnsafeBufferPointer { try reader.lookup($0, column: 0, into: out) }
            }
          }
        }
        #expect(out.indices.allSatisfy { out[$0] == whole[$0] || out[$0] == -1 }, what)
        var refused = 0
        var row = [Float](repeating: 0, count: PatchedStore.width)
        for (position, id) in ids.enumerated() {
          do {
            _ = try row.withUnsafeMutableBytes { try reader.lookup(id, column: 0, into: $0.baseAddress!) }
            #expect(row[7] == whole[position * PatchedStore.width + 7], what)
          } catch {
            #expect((error as? StoreError)?.category == .damaged, what)
            refused += 1
          }
        }
        #expect(refused > 0, what)
        #expect(try !patched.store.verify([.latest]).problems.isEmpty, what)
        try patched.flip(pack, bit: bit)
      }
    }
    try patched.expectAll("as it was, seed \(Self.seed)")
  }

  private func reader(_ patched: PatchedStore) throws -> IDTableReader {
    try #require(try IDTableReader(try patched.store.snapshot(), PatchedStore.name))
  }

  /// A pack as it is written: two blocks of four rows, three of them changed.
  private func pack() -> [UInt8] {
    let layout = RowLayout(ColumnSpec("c", .f32, width: 254))
    #expect(layout.rowsPerBlock == 16)
    var content = [UInt8](
      repeating: 0, count: PatchPack.contentBytes(blocks: 2, rowsPerBlock: 16, rows: 3, stride: 1_016))
    content.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: 16, as: UInt32.self)
      bytes.storeBytes(of: 2, toByteOffset: 4, as: UInt32.self)
      bytes.storeBytes(of: 0b1001, toByteOffset: 8, as: UInt64.self)
      bytes.storeBytes(of: 0b10, toByteOffset: 16, as: UInt64.self)
      bytes.storeBytes(of: 0b1_1000, toByteOffset: 24, as: UInt64.self)
    }
    return content
  }

  private func read(_ content: [UInt8], rows: Int = 3, block: UInt64 = 5, stride: Int = 1_016) throws -> PatchPack {
    let pending = content.withUnsafeBytes {
      PendingBlock(
        BlockAddress(table: 1, column: 0x8010, block: block), type: .f32, codec: .patch, rows: rows, stride: stride,
        content: $0)
    }
    let value = UnsafeMutableRawBufferPointer.allocate(byteCount: BlockHeader.size + content.count, alignment: 64)
    value[BlockHeader.size...].copyBytes(from: content)
    BlockHeader(pending, codec: .patch, stamp: 9).write(to: value)
    let block = Block(address: pending.address, stamp: 9, value: UnsafeRawBufferPointer(value))
    try block.verify()
    defer { value.deallocate() }
    return try PatchPack(block)
  }

  @Test func aPackSaysWhichRowsOfWhichBlocksItHolds() throws {
    let pack = try read(pack())
    #expect(pack.firstBlock == 320 && pack.contains(block: 320) && !pack.contains(block: 321))
    var found: [[Int]] = []
    for block in [320, 323] { pack.forEachRow(ofBlock: block) { found.append([block, $0, $1]) } }
    #expect(found == [[320, 1, 0], [323, 3, 1], [323, 4, 2]])
  }

  @Test func aPackWhosePartsDisagreeIsRefusedWhateverItsChecksumSays() throws {
    func expectRefused(_ comment: Comment, rows: Int = 3, _ change: (inout [UInt8]) -> Void) {
      var content = pack()
      change(&content)
      #expect(comment) { _ = try read(content, rows: rows) } throws: { ($0 as? StoreError)?.reason == .badBlock }
    }
    expectRefused("no rows a block") { $0[0] = 0 }
    expectRefused("more rows a block than ranks have bits for") { $0[2] = 2 }
    expectRefused("another number of blocks") { $0[4] = 3 }
    expectRefused("no blocks") { $0.replaceSubrange(4..<16, with: repeatElement(0, count: 12)) }
    expectRefused("a block more in the mask") { $0[8] = 0b1101 }
    expectRefused("a block without rows") { $0[16] = 0 }
    expectRefused("a bit beyond the rows of a block") { ($0[16], $0[18]) = (0, 1) }
    expectRefused("a row more than the header says") { $0[16] = 0b11 }
    expectRefused("a row more than there are bits", rows: 4) { _ in }
    expectRefused("a byte too few") { $0.removeLast() }
    expectRefused("a row too many in the content") { $0 += [UInt8](repeating: 0, count: 2_000) }
    expectRefused("a head cut short") { $0.removeSubrange(12...) }
  }

  // Rows times bytes a row passed what a number holds, and the process ended.
  @Test func aPackOfAsManyRowsAsAHeaderCanSayIsRefused() throws {
    let error = #expect(throws: StoreError.self) {
      _ = try read(pack(), rows: Int(UInt32.max), stride: Int(UInt32.max))
    }
    #expect(error?.reason == .badBlock)
  }
}
