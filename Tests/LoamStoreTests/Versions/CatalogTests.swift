import Foundation
import LMDB
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct CatalogTests {
  @Test func schemasOfVersionsThatAreGoneGoWithThem() throws {
    let scratch = try StructureStore(shards: 1)
    let store = scratch.store
    try store.setRetention(RetentionPolicy(keepLast: 2))
    func texts() throws -> [String] {
      try store.catalog.read { t throws(LMDBError) in
        try t.entries(of: store.catalog.texts).filter { $0.key.hasPrefix("schema/") }.map(\.value)
      }
    }
    for text in ["a", "b", "c", "d"] { try store.setSchemaText(text) }
    #expect(try texts() == ["c", "d"])
    try store.tag(.number(store.versions()[0].version), as: "kept")
    for text in ["e", "f"] { try store.setSchemaText(text) }
    #expect(try texts().sorted() == ["c", "e", "f"])
    #expect(try store.snapshot(at: .name("kept")).schemaText() == "c")

    let old = try store.snapshot(at: .name("kept"))
    try store.untag("kept")
    let error = #expect(throws: StoreError.self) { _ = try old.schemaText() }
    #expect(error?.reason == .versionDropped)
    let kept = try store.versions()
    _ = try store.dropNewer(than: .number(kept[0].version))
    #expect(try texts() == ["e"])
  }

  @Test func aLatestVersionWithoutARecordIsDamage() throws {
    let scratch = try StructureStore(shards: 1)
    let store = scratch.store
    try store.catalog.write { t throws(LMDBError) in
      try t.put(99, at: "latest", in: store.catalog.state)
      return .success(())
    }
    for access in [{ _ = try store.snapshot() }, { try store.tag(.latest, as: "now") }] as [() throws -> Void] {
      let error = #expect(throws: StoreError.self) { try access() }
      #expect(error?.reason == .badCatalog && error?.category == .damaged)
    }
    #expect(throws: StoreError.self) { try store.verify().requireSound() }
  }

  @Test func aWriteThatIsCleanedWhileTheStoreIsCheckedIsNoProblem() throws {
    let scratch = try StructureStore(shards: 4)
    let store = scratch.store
    let spec = TableSpec(TableName(.model, "a"))
    let isOver = DispatchSemaphore(value: 0)
    let writer = Thread {
      for number in 0..<60 {
        guard let write = try? store.begin([spec]), let blobs = try? BlobWriter(write, spec) else { break }
        for blob in 0..<8 { blobs.set("\(blob)", [UInt8](repeating: UInt8(number), count: 300)) }
        try? blobs.flush()
        write.abandon()
      }
      isOver.signal()
    }
    writer.start()
    while isOver.wait(timeout: .now()) == .timedOut { #expect(try store.checkProtocol() == []) }
  }
}

@Suite struct TableSpecsTests {
  /// A catalog with what `bytes` says of one of three tables.
  private func store(_ bytes: (TableSpec) -> [UInt8]) throws -> StructureStore {
    let scratch = try StructureStore(shards: 2)
    let specs = ["a", "b", "c"].map { TableSpec(TableName(.embedding, "m/\($0)"), columns: [ColumnSpec("x", .f32)]) }
    let write = try scratch.store.begin(specs)
    for spec in specs {
      let table = try IDTableWriter(write, spec)
      for id in 0..<ID(20) { _ = try table.findOrInsert(id) }
      try table.flush()
    }
    try write.publish()
    try scratch.store.catalog.write { t throws(LMDBError) in
      guard let spec = try t.get("embedding:m/b", in: scratch.store.catalog.tables) else { fatalError("no table") }
      try BytesCodec.withBytes(of: Array("embedding:m/b".utf8)) { key throws(LMDBError) in
        try BytesCodec.withBytes(of: bytes(spec)) { value throws(LMDBError) in
          try t.put(value, at: key, in: scratch.store.catalog.tables)
        }
      }
      return .success(())
    }
    return scratch
  }

  private func encoded(_ spec: TableSpec) -> [UInt8] { Array(try! JSONEncoder().encode(spec)) }

  @Test func aDescriptionThatCannotBeReadIsRefusedWithItsTableAndNoOther() throws {
    for bytes in [{ _ in Array("{".utf8) }, { encoded($0).map { $0 == UInt8(ascii: "x") ? 0 : $0 } }]
      as [(TableSpec) -> [UInt8]]
    {
      let scratch = try store(bytes)
      let snapshot = try scratch.store.snapshot()
      let reader = try #require(try IDTableReader(snapshot, TableName(.embedding, "m/a")))
      #expect(try !reader.find(7).isNone)
      let error = #expect(throws: StoreError.self) { _ = try IDTableReader(snapshot, TableName(.embedding, "m/b")) }
      #expect(error?.reason == .badCatalog && error?.message.contains("m/b") == true)
      #expect(throws: StoreError.self) { try scratch.store.verify().requireSound() }
    }
  }

  @Test func twoTablesOfOneNumberAreRefused() throws {
    let scratch = try store { spec in
      var other = spec
      other.number -= 1
      return encoded(other)
    }
    let snapshot = try scratch.store.snapshot()
    _ = try IDTableReader(snapshot, TableName(.embedding, "m/a"))
    let error = #expect(throws: StoreError.self) { _ = try IDTableReader(snapshot, TableName(.embedding, "m/b")) }
    #expect(error?.reason == .badCatalog)
  }
}
