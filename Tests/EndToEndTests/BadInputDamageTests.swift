import Foundation
import Testing

/// Damaged, truncated, foreign and missing files of a store or an export: named, exit code 3, and never a wrong answer.
@Suite struct BadInputDamageTests {
  let place: BadInputPlace
  init() throws { place = try BadInputPlace() }

  private func refuses(
    _ arguments: [String], _ status: Int32, _ code: String, _ says: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try place.run(arguments)
    #expect(
      outcome.status == status && !outcome.wasKilled, "\(arguments): \(outcome.errors)", sourceLocation: sourceLocation)
    for text in ["[\(code)]"] + says {
      let wanted = place.filled(text)
      #expect(outcome.errors.contains(wanted), "\(wanted) is not in: \(outcome.errors)", sourceLocation: sourceLocation)
    }
  }

  private func edit(_ file: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: place.folder(file))))
    change(&bytes)
    // In place: the file's inode and its readers stay.
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: place.folder(file)))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: bytes)
    try handle.close()
  }

  @Test func aFlippedBitInABlockIsNeverServedAndItsBlockNamed() throws {
    let lookup = ["lookup", "$/s.loam", "--table", "ctr/item", "--id", "item1"]
    let outcome = try place.run(lookup + ["--json"])
    let values = outcome.output.matches(of: /-?\d+\.\d+(e-?\d+)?/).compactMap { Float($0.output.0) }
    let vector = values.prefix(4).flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    #expect(vector.count == 16, "\(outcome.output)")
    var hits = 0
    for shard in 0..<4 {
      try edit("s.loam/shard-00\(shard)/data.mdb") { bytes in
        let data = Data(bytes)
        var start = 0
        while let found = data.range(of: Data(vector), in: start..<data.count) {
          bytes[found.lowerBound + 5] ^= 1
          start = found.upperBound
          hits += 1
        }
      }
    }
    #expect(hits > 0)
    try refuses(lookup, 3, "store.bad-checksum", "block", "stamp", "restore the store from a backup")
    try refuses(["export", "$/s.loam", "--output", "$/out"], 3, "store.bad-checksum", "block")
    #expect(!FileManager.default.fileExists(atPath: place.folder("out")))
    let verified = try place.run(["verify", "$/s.loam"])
    #expect(verified.status == 3)
    #expect((verified.output + verified.errors).contains("embedding:ctr/item"), "\(verified)")
    // Another table of the store is read all the same.
    try place.prepare("counts", "$/s.loam", "--ids", "item")
  }

  @Test(arguments: ["catalog", "shard-002"], ["verify", "stat", "ingest"])
  func aTruncatedFileIsRefusedAndLeftAsItIs(part: String, command: String) throws {
    for length in [0, 1, 100, 4_096, 8_192, 20_480] {
      try edit("s.loam/\(part)/data.mdb") { $0.removeLast($0.count - length) }
      let arguments = [command, "$/s.loam"] + (command == "ingest" ? ["$/train.csv", "--log", "more"] : [])
      try refuses(arguments, 3, "store.bad-catalog", "$/s.loam/\(part)", "Restore the store from a backup")
      let left = try FileManager.default.attributesOfItem(atPath: place.folder("s.loam/\(part)/data.mdb"))
      #expect(left[.size] as? Int == length)
      let whole = try BadInputPlace()
      try FileManager.default.removeItem(atPath: place.store)
      try FileManager.default.copyItem(atPath: whole.store, toPath: place.store)
    }
  }

  @Test func aFileThatIsNoLMDBFileIsRefused() throws {
    try edit("s.loam/catalog/data.mdb") { bytes in
      for index in 0..<8_192 { bytes[index] = 0 }
    }
    try refuses(["verify", "$/s.loam"], 3, "store.bad-catalog", "$/s.loam/catalog", "Restore")
  }

  @Test(arguments: ["verify", "ingest"])
  func aMissingFileIsRefusedAndNotMadeAnew(command: String) throws {
    let arguments = [command, "$/s.loam"] + (command == "ingest" ? ["$/train.csv", "--log", "more"] : [])
    try FileManager.default.removeItem(atPath: place.folder("s.loam/shard-001/data.mdb"))
    try refuses(arguments, 3, "store.old-copy", "shard 1 is missing", "$/s.loam/shard-001", "restore the store")
    try FileManager.default.copyItem(
      atPath: place.folder("s.loam/shard-002/data.mdb"), toPath: place.folder("s.loam/shard-001/data.mdb"))
    try refuses(arguments, 3, "store.old-copy", "$/s.loam/shard-001", "another place", "Put back the shard")
    try FileManager.default.removeItem(atPath: place.folder("s.loam/catalog/data.mdb"))
    try refuses(arguments, 3, "store.bad-catalog", "$/s.loam/catalog", "Restore")
    #expect(!FileManager.default.fileExists(atPath: place.folder("s.loam/catalog/data.mdb")))
  }

  @Test(arguments: [
    (#""format" : 3"#, #""format" : 4"#, 2, "store.newer-format", "Use a newer Loam"),
    (#""format" : 3"#, #""format" : 2"#, 2, "store.older-format", "Ingest the logs into a new store"),
    (#""page_size_bytes" : 4096"#, #""page_size_bytes" : 65536"#, 2, "store.foreign-page-size", "pages of 65536 bytes"),
    (#""shards" : 4"#, #""shards" : 3"#, 3, "store.old-copy", "$/s.loam/shard-000"),
    (#""shards" : 4"#, #""shards" : 0"#, 3, "store.bad-catalog", "$/s.loam/loam.json"),
    ("{", "", 3, "store.bad-catalog", "$/s.loam/loam.json"),
  ])
  func aStoreThatSaysSomethingElseOfItselfIsRefused(
    old: String, new: String, status: Int32, code: String, says: String
  ) throws {
    let before = try place.state()
    let whole = try String(contentsOfFile: place.folder("s.loam/loam.json"), encoding: .utf8)
    #expect(whole.contains(old), "\(whole)")
    try place.folder.write(whole.replacing(old, with: new), to: "s.loam/loam.json")
    for command in [["verify", "$/s.loam"], ["ingest", "$/s.loam", "$/train.csv", "--log", "more"]] {
      try refuses(command, status, code, says)
    }
    try place.folder.write(whole, to: "s.loam/loam.json")
    #expect(try place.state() == before)
  }

  @Test func anExportThatWasTamperedWithIsNamedByFile() throws {
    try place.prepare("export", "$/s.loam", "--output", "$/out")
    try place.prepare("verify", "$/out")
    try refuses(["export", "$/s.loam", "--output", "$/out"], 2, "export.exists", "$/out", "an export replaces nothing")
    try edit("out/table.item.safetensors") { $0[$0.count - 1] ^= 1 }
    try refuses(["verify", "$/out"], 3, "export.damaged", "table.item.safetensors: SHA-256", "Get the export again")
    try edit("out/table.item.safetensors") { $0[$0.count - 1] ^= 1 }
    try edit("out/dense.safetensors") { $0.removeLast() }
    try refuses(["verify", "$/out"], 3, "export.damaged", "dense.safetensors", "Get the export again")
    try edit("out/manifest.json") { $0.removeLast(20) }
    try refuses(["verify", "$/out"], 3, "export.damaged", "$/out/manifest.json", "Get the export again")
    try edit("out/manifest.json") { $0 = [UInt8]("{}".utf8) }
    try refuses(["verify", "$/out"], 2, "export.not-an-export", "$/out/manifest.json")
  }
}
