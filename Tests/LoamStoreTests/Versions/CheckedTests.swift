import LMDB
import LoamSchema
import Testing

@testable import LoamStore

/// Records of the catalog that change: refused, never believed.
@Suite struct CheckedTests {
  private static func stored<C: Codec>(_ element: C.Element, _: C.Type) throws(LMDBError) -> [UInt8] {
    try C.withBytes(of: element) { Array($0) }
  }

  private static func decoded<C: Codec>(_ bytes: [UInt8], _: C.Type) -> C.Element? {
    bytes.withUnsafeBytes { C.decode($0) }
  }

  private func requireChecked<C: Codec>(_ element: C.Element, _ codec: C.Type) throws where C.Element: Equatable {
    let bytes = try Self.stored(element, codec)
    #expect(Self.decoded(bytes, codec) == element)
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Self.decoded(flipped, codec) == nil, "bit \(bit) of \(bytes.count * 8)")
    }
    for count in 0..<bytes.count { #expect(Self.decoded(Array(bytes[..<count]), codec) == nil, "\(count) bytes") }
  }

  @Test func everyFlippedBitAndEveryShorterValueIsRefused() throws {
    try requireChecked(0, Checked<NumberCodec>.self)
    try requireChecked(.max, Checked<NumberCodec>.self)
    try requireChecked("", Checked<TextCodec>.self)
    try requireChecked("schema: 1\nname: shop\n", Checked<TextCodec>.self)
    let scratch = try StructureStore(shards: 2)
    try requireChecked(scratch.store.snapshot().record, Catalog.Record<VersionRecord>.self)
  }

  @Test func aRecordUnderAnotherVersionsNumberIsDamage() throws {
    let scratch = try StructureStore(shards: 1)
    let store = scratch.store
    for text in ["a", "b"] { try store.setSchemaText(text) }
    let versions = try store.versions()
    try store.catalog.write { t throws(LMDBError) in
      try t.put(versions[0], at: versions[1].version, in: store.catalog.versions)
      return .success(())
    }
    let error = #expect(throws: StoreError.self) { _ = try store.snapshot(at: .number(versions[1].version)) }
    #expect(error?.category == .damaged)
  }
}
