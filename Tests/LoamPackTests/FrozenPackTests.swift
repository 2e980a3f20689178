import Foundation
import LoamSchema
import Testing

@testable import LoamPack

struct FrozenPackTests {
  private func rows(_ table: PackTable, _ ids: [ID], absent: PackTable.Absent = .unknown) throws -> [Float] {
    let column = try table.column("vector")
    var values = [Float](repeating: -1, count: ids.count * column.width)
    ids.withUnsafeBufferPointer { ids in
      values.withUnsafeMutableBufferPointer { table.lookup(ids, column: column, absent: absent, into: $0) }
    }
    return values
  }

  @Test(arguments: PackType.allCases)
  func `every row is found by its ID, whatever its type`(_ type: PackType) throws {
    let written = try WrittenPack(type: type)
    let pack = try FrozenPack(at: written.directory, checksDigest: true)
    try pack.verify()
    let items = try pack.table("item")
    #expect(items.rowCount == written.ids.count)
    #expect(try rows(items, written.ids) == written.ids.flatMap(WrittenPack.values))
    #expect(written.ids.allSatisfy { items.find($0) != nil })
  }

  @Test func `rows lie in the order of their hashes, and a second seed changes it`() throws {
    let first = try WrittenPack(rows: 300)
    let second = try WrittenPack(rows: 300, seed: PackIndex.seed(attempt: 1))
    for written in [first, second] {
      let items = try FrozenPack(at: written.directory).table("item")
      #expect(written.ids.map { items.find($0) } == (0..<UInt32(written.ids.count)).map { $0 })
    }
    #expect(first.ids != second.ids)
  }

  @Test func `an ID without a row reads the row of unknown, or zeros`() throws {
    let written = try WrittenPack()
    let items = try FrozenPack(at: written.directory).table("item")
    #expect(items.find(5) == nil)
    #expect(try rows(items, [5]) == WrittenPack.values(.unknown))
    #expect(
      try rows(items, [5, .missing], absent: .zeros) == [Float](repeating: 0, count: 5) + WrittenPack.values(.missing))
    var found: [UInt8] = [9, 9, 9]
    [ID.missing, 5, written.ids[3]].withUnsafeBufferPointer { ids in
      found.withUnsafeMutableBufferPointer { items.contains(ids, into: $0) }
    }
    #expect(found == [1, 0, 1])
  }

  @Test func `stored rows and bags are read by the same IDs`() throws {
    let written = try WrittenPack(type: .i8)
    let items = try FrozenPack(at: written.directory).table("item")
    let column = try items.column("vector")
    let ids = Array(written.ids.prefix(600))
    var stored = [UInt8](repeating: 0, count: ids.count * column.stride)
    ids.withUnsafeBufferPointer { ids in stored.withUnsafeMutableBytes { items.lookup(ids, column: column, into: $0) } }
    #expect(stored[0] == 127 && stored[column.stride] == 127)

    // Bags that begin and end within groups, one empty.
    let offsets: [UInt32] = [0, 1, 1, 300, 600]
    for pooling in [PackTable.Pooling.sum, .mean] {
      var pooled = [Float](repeating: -1, count: 4 * column.width)
      ids.withUnsafeBufferPointer { ids in
        offsets.withUnsafeBufferPointer { offsets in
          pooled.withUnsafeMutableBufferPointer { items.lookup(ids, bags: offsets, pooling, column: column, into: $0) }
        }
      }
      for bag in 0..<4 {
        let members = ids[Int(offsets[bag])..<Int(offsets[bag + 1])].map(WrittenPack.values)
        for element in 0..<column.width {
          let sum = members.reduce(0) { $0 + $1[element] }
          let expected = pooling == .mean && members.count > 1 ? sum / Float(members.count) : sum
          #expect(pooled[bag * column.width + element] == expected)
        }
      }
    }
  }

  @Test func `tensors and blobs are there by name, and a wrong name is answered with the nearest`() throws {
    let written = try WrittenPack()
    let pack = try FrozenPack(at: written.directory)
    #expect(try pack.tensor("mlp.0.weight") == [1, 2, 3, 4, 5, 6])
    #expect(try pack.tensor("bias") == [-0.5])
    #expect(pack.tensors.map(\.shape) == [[], [2, 3]])
    #expect(pack.blob("schema") == Array("name: ads\n".utf8))
    #expect(pack.blob("absent") == nil)
    let error = #expect(throws: PackError.self) { try pack.table("itme") }
    #expect(error?.code == "pack.unknown-table" && error?.hint == "Did you mean item?")
    #expect(try pack.table("slot").rowCount == 0)
    #expect(try pack.table("slot").find(1) == nil)
  }

  @Test func `a table keeps the map when its pack is gone`() throws {
    let written = try WrittenPack()
    let items = try FrozenPack(at: written.directory).table("item")
    #expect(try rows(items, [written.ids[7]]) == WrittenPack.values(written.ids[7]))
  }

  @Test func `IDs that collide are refused with one seed and found with the next`() throws {
    // Found by search from the upper half of their hash: all of one home line, more than the index reaches.
    let crowd = Self.colliding(600)
    let error = #expect(throws: PackError.self) { try WrittenPack(ids: crowd) }
    #expect(error?.code == "pack.crowded")
    let written = try WrittenPack(seed: PackIndex.seed(attempt: 1), ids: crowd)
    let items = try FrozenPack(at: written.directory).table("item")
    #expect(crowd.allSatisfy { items.find($0) != nil })
  }

  /// IDs whose hash is a small number: the finaliser run backwards.
  private static func colliding(_ count: Int) -> [ID] {
    func unshift(_ x: UInt64) -> UInt64 { x ^ x >> 33 }
    func inverse(_ odd: UInt64) -> UInt64 { (0..<6).reduce(odd) { x, _ in x &* (2 &- odd &* x) } }
    return (0..<UInt64(count)).map { hash in
      let first = unshift(unshift(hash) &* inverse(0xc4ce_b9fe_1a85_ec53))
      return unshift(first &* inverse(0xff51_afd7_ed55_8ccd))
    }
  }
}
