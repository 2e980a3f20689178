import Testing

@testable import LoamStore

@Suite struct PackedColumnTests {
  private static func packed(_ numbers: [UInt64], signed: Bool) throws -> (ColumnPacking, [UInt64]) {
    let packing = ColumnPacking(numbers, signed: signed)
    var descriptor = ByteWriter()
    var content = [UInt8](repeating: 0, count: PackedColumn.descriptorBytes)
    packing.append(numbers, to: &content, descriptors: &descriptor)
    content.replaceSubrange(0..<PackedColumn.descriptorBytes, with: descriptor.bytes)
    content += [UInt8](repeating: 0, count: PackedColumn.tailBytes)
    let read = try content.withUnsafeBytes { bytes in
      try PackedColumn.validate(bytes, descriptor: 0, count: numbers.count, place: "")
      let column = PackedColumn(bytes.baseAddress!, descriptor: 0)
      return numbers.indices.map { column[$0] }
    }
    return (packing, read)
  }

  @Test func everyNumberComesBackFromEveryForm() throws {
    var random = SeededGenerator(11)
    for bits in 0...64 {
      for scale in [UInt64(1), 1_000_000] {
        for distinct in [1, 3, 300, 5_000] {
          let mask = bits == 0 ? 0 : UInt64.max >> UInt64(64 - bits)
          let pool = (0..<distinct).map { _ in (random.next() & mask) &* scale &- 500 }
          let numbers = (0..<1_000).map { _ in
            random.next() % 50 == 0 ? .max : pool[Int(random.next() % UInt64(distinct))]
          }
          for signed in [false, true] {
            #expect(try Self.packed(numbers, signed: signed).1 == numbers, "\(bits) bits, scale \(scale)")
          }
        }
      }
    }
    #expect(try Self.packed([], signed: false).1 == [])
    #expect(try Self.packed([.max, .max], signed: false).1 == [.max, .max])
  }

  @Test func numbersTakeTheBytesThatTheirSpreadNeeds() throws {
    let hours = (0..<200).map { UInt64(1_700_000_000_000_000 + $0 * 3_600_000_000) }
    #expect(try Self.packed(hours, signed: true).0.width == 1)
    #expect(try Self.packed([UInt64](repeating: 77, count: 100), signed: false).0.width == 0)
    #expect(try Self.packed([0, 200, .max], signed: false).0.width == 1)
    let hashes = (0..<200).map { UInt64($0 % 7) &* 0x9E37_79B9_7F4A_7C15 }
    let packing = try Self.packed(hashes, signed: false).0
    #expect(packing.width == 1 && packing.table.count == 7)
  }
}
