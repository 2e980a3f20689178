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
