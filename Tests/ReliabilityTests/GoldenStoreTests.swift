import Foundation
import LoamSchema
import LoamStore
import Testing

/// Stores of every released format, as `tools/golden-store` made them once: read with the content that was written, and
/// written on.
@Suite struct GoldenStoreTests {
  static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden").path
  static let formats = (try? FileManager.default.contentsOfDirectory(atPath: golden))?.sorted() ?? []

  @Test func thereIsOneOfThisFormat() {
    #expect(Self.formats.contains("format-\(StoreIdentity.currentFormat)"), "make it: tools/golden-store")
  }

  @Test(arguments: formats) func isReadAsItWasWrittenAndWrittenOn(format: String) throws {
    let place = try Place()
    // Opening makes lock files.
    try FileManager.default.copyItem(atPath: "\(Self.golden)/\(format)", toPath: place("s.loam"))
    let store: Store
    do { store = try Store.open(at: place("s.loam"), for: .read) } catch {
      guard error.reason == .foreignPageSize else { throw error }
      return print("golden store: skipped, this machine's pages have another size")
    }
    #expect(try store.verify().problems == [])
    #expect(try store.schemaText() == "golden")
    #expect(try store.tags() == ["golden": 2] && store.aliases() == ["serving": 3])
    #expect(try store.versions().map(\.note) == ["created", "golden", "patched"])
    for name in ["golden", "serving"] {
      try requireContent(try store.snapshot(at: .name(name)), isChanged: name != "golden")
    }
    store.close()
    try StoreCheck(path: place("s.loam")).requireWritable()
  }

  private func requireContent(_ snapshot: Snapshot, isChanged: Bool) throws {
    let items = try #require(try IDTableReader(snapshot, TableName(.embedding, "ctr/item")))
    for id in 1...300 as ClosedRange<ID> {
      let row = try items.find(id)
      var vector = [Float](repeating: 0, count: 4)
      try items.read(try items.columnIndex("vector"), row, into: &vector)
      #expect(vector == (0..<4).map { Float(id) + Float($0) / 4 })
      var count: UInt64 = 0
      try items.read(try items.columnIndex("count"), row, into: &count)
      #expect(count == (isChanged && id % 30 == 0 ? 1 : 7 * id), "ID \(id)")
    }
    #expect(try items.find(301).isNone)

    let users = try #require(try IDTableReader(snapshot, TableName(.ids, "user")))
    var names: [String] = []
    try users.forEachRow { row, _ in names.append(try users.string(of: row) ?? "") }
    #expect(Set(names) == Set((1...50).map { "user \($0)" }))

    let clicks = try #require(try TimelineReader(snapshot, TableName(.timeline, "click")))
    #expect(clicks.eventCount == 120)
    #expect(try clicks.entities().sorted() == Array(0..<7))
    let log = try #require(try FeatureLogReader(snapshot, TableName(.log, "train")))
    #expect(try log.group(0).columns["dense/x"] == .real((0..<200).map { Float($0) / 2 }))
    let blobs = try #require(try BlobReader(snapshot, TableName(.model, "ctr")))
    #expect(try blobs.blob(named: "dense/weight") == (0..<600).map { UInt8(truncatingIfNeeded: $0) })
  }
}
