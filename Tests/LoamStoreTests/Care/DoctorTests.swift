import Foundation
import LMDB
import LoamSchema
import Testing

@testable import LoamStore

/// Each finding of the doctor, provoked.
@Suite struct DoctorTests {
  let scratch = StorePath()

  private func filled(_ value: UInt64 = 1) throws {
    let board = try scratch.create()
    try board.fill("a", with: value)
    board.store.close()
  }

  /// A store whose files are mostly free pages.
  private func emptied() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 40))
    for value in 1...40 { try board.fill("a", with: UInt64(value)) }
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    _ = try board.store.collect()
    board.store.close()
  }

  private func kinds(_ options: DoctorOptions = quiet) throws -> Set<Finding.Kind> {
    Set(try Doctor.examine(scratch.path, options).findings.map(\.kind))
  }

  /// The disk of the machine that runs the tests is nobody's finding.
  private static let quiet = DoctorOptions(freeBytesMin: 0)

  @Test func aSoundStoreIsHealthy() throws {
    try filled()
    let quick = try Doctor.examine(scratch.path, Self.quiet)
    #expect(quick.isHealthy && quick.category == nil && quick.findings == [])
    #expect(quick.blocksChecked == 2 * Int(Board.cells))
    var sampled = Self.quiet
    sampled.sampleBlocksMax = 4
    #expect(try Doctor.examine(scratch.path, sampled).blocksChecked == 8)
  }

  @Test func aBadChecksumIsDamage() throws {
    try filled(0x5A5A_1234)
    let file = scratch.path + "/shard-000/data.mdb"
    let value: [UInt8] = [0x34, 0x12, 0x5A, 0x5A, 0, 0, 0, 0]
    try damage(file, at: try offset(of: value + value, in: file), with: [0x35])
    let quick = try Doctor.examine(scratch.path, Self.quiet)
    #expect(quick.findings(.badChecksum).count == 1 && quick.category == .damaged && !quick.isHealthy)
    var full = Self.quiet
    full.full = true
    let all = try Doctor.examine(scratch.path, full)
    #expect(all.isFull && all.category == .damaged)
    #expect(all.findings(.badContent).contains { $0.message.contains("checksum") })
  }

  @Test func aShardThatLagsOrIsMissingOrIsAnothersIsDamage() throws {
    let shard = scratch.path + "/shard-001"
    let old = scratch.path + "-old"
    defer { try? FileManager.default.removeItem(atPath: old) }
    try filled()
    try FileManager.default.copyItem(atPath: shard, toPath: old)
    do {
      let board = try scratch.open()
      try board.fill("a", with: 2)
      board.store.close()
    }
    try FileManager.default.removeItem(atPath: shard)
    let missing = try Doctor.examine(scratch.path, Self.quiet)
    #expect(missing.findings(.missingShard).count == 1 && missing.category == .damaged)
    try FileManager.default.copyItem(atPath: old, toPath: shard)
    let lagging = try Doctor.examine(scratch.path, Self.quiet)
    #expect(lagging.findings(.laggingShard).count == 1 && lagging.category == .damaged)
    try FileManager.default.removeItem(atPath: shard)
    try FileManager.default.copyItem(atPath: scratch.path + "/shard-000", toPath: shard)
    let other = try Doctor.examine(scratch.path, Self.quiet)
    #expect(other.findings(.cannotOpen).first?.message.contains("store.old-copy") == true)
    #expect(other.category == .damaged)
  }

  @Test func whatDoesNotBelongInTheDirectoryIsNamed() throws {
    try filled()
    try FileManager.default.createDirectory(atPath: scratch.path + "/shard-007", withIntermediateDirectories: false)
    for name in ["/loam.json.tmp-12", "/shard-000/data.mdb.compacting", "/notes.txt"] {
      #expect(FileManager.default.createFile(atPath: scratch.path + name, contents: nil))
    }
    let diagnosis = try Doctor.examine(scratch.path, Self.quiet)
    #expect(diagnosis.findings(.extraShard).first?.message.contains("shard-007") == true)
    let leftovers = diagnosis.findings(.leftoverFiles).first?.message
    #expect(leftovers?.contains("loam.json.tmp-12, shard-000/data.mdb.compacting") == true)
    #expect(diagnosis.findings(.unknownFiles).first?.message.contains("notes.txt") == true)
    #expect(diagnosis.category == nil && !diagnosis.isHealthy)
  }

  @Test func fullMapsAndDisksAreNoSpace() throws {
    try filled()
    #expect(try Doctor.examine(scratch.path, DoctorOptions(mapShareMax: 0, freeBytesMin: 0)).category == .noSpace)
    #expect(try kinds(DoctorOptions(mapShareMax: 0, freeBytesMin: 0)) == [.mapNearlyFull])
    #expect(try kinds(DoctorOptions(freeBytesMin: .max)) == [.diskNearlyFull])
  }

  @Test func filesThatAreMostlyFreePagesAreGarbage() throws {
    try emptied()
    #expect(try kinds() == [.garbage])
    _ = try Store.compact(at: scratch.path)
    #expect(try kinds() == [])
  }

  @Test func aKilledWritersLeftoversAreFoundAndRemoved() async throws {
    try filled()
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
      setenv("LOAM_FAILURE_POINT", "put.committed:3", 1)
      try Board(store: try Store.open(at: path, for: .write)).fill("a", with: 7)
    }
    var looking = Self.quiet
    looking.lookOnly = true
    let found = try #require(try Doctor.examine(scratch.path, looking).findings(.deadWriter).first)
    #expect(found.severity == .warning && found.message.contains("3 blocks"), "\(found.message)")
    let cleaned = try Doctor.examine(scratch.path, Self.quiet)
    #expect(cleaned.isHealthy && cleaned.findings(.deadWriter).first?.message.hasSuffix("removed now") == true)
    #expect(try kinds() == [])
  }

  @Test func filesOfDeadOwnersAreRemoved() throws {
    try filled()
    #expect(FileManager.default.createFile(atPath: scratch.path + "/writers/1-dead", contents: nil))
    #expect(try Doctor.examine(scratch.path, Self.quiet).findings(.deadOwnerFiles).first?.severity == .note)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/writers") == [])
  }

  @Test func livingWritersAndOldReadersAreNamedWithTheirProcess() async throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    let snapshot = try board.store.snapshot()
    for value in 2...8 { try board.fill("a", with: UInt64(value)) }
    let write = try board.begin("b")
    await #expect(processExitsWith: .success) { [path = scratch.path as String, writer = getpid() as Int32] in
      let diagnosis = try Doctor.examine(path, DoctorOptions(freeBytesMin: 0, readerLagMax: 3))
      let lease = diagnosis.findings(.lease).first
      precondition(lease?.severity == .note && lease!.message.contains("process \(writer) "), "\(diagnosis)")
      precondition(lease!.message.contains("model:b"), "\(diagnosis)")
      let reader = diagnosis.findings(.oldReader).first
      precondition(reader?.severity == .warning && reader!.message.contains("process \(writer) "), "\(diagnosis)")
      precondition(diagnosis.findings(.deadWriter).isEmpty && diagnosis.category == nil, "\(diagnosis)")
    }
    write.abandon()
    withExtendedLifetime(snapshot) {}
  }

  @Test func aReaderOfAnOldSnapshotIsNamedWithItsAge() async throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 40))
    try board.fill("a", with: 1)
    let snapshot = try board.store.snapshot()
    for value in 2...4 { try board.fill("a", with: UInt64(value)) }
    // As if two hours had passed since the version after the reader's.
    let next = snapshot.record.version + 1
    try board.store.catalog.write { t throws(LMDBError) in
      guard var record = try t.get(next, in: board.store.catalog.versions) else { fatalError("no version \(next)") }
      record.time -= 7_200_000_000
      try t.put(record, at: next, in: board.store.catalog.versions)
      return .success(())
    }
    await #expect(processExitsWith: .success) {
      [path = scratch.path as String, reader = getpid() as Int32, next = next as UInt64] in
      let found = try Doctor.examine(path, DoctorOptions(freeBytesMin: 0)).findings(.agedReader).first
      precondition(
        found?.severity == .warning && found!.message.contains("process \(reader) "), "\(found, default: "none")")
      precondition(found!.message.contains("before version \(next), so for at least 72"), "\(found!.message)")
      let patient = DoctorOptions(freeBytesMin: 0, readerAgeSecondsMax: 10_000)
      let looked = try Doctor.examine(path, patient)
      precondition(looked.findings(.agedReader).isEmpty)
    }
    withExtendedLifetime(snapshot) {}
  }

  @Test func slotsOfKilledReadersAreFreed() async throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
      let snapshot = try Store.open(at: path, for: .read).snapshot()
      kill(getpid(), SIGKILL)
      withExtendedLifetime(snapshot) {}
    }
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      let diagnosis = try Doctor.examine(path, DoctorOptions(freeBytesMin: 0))
      precondition(diagnosis.findings(.staleReaders).count == 1 && diagnosis.isHealthy, "\(diagnosis)")
      let again = try Doctor.examine(path, DoctorOptions(freeBytesMin: 0))
      precondition(again.findings(.staleReaders).isEmpty, "\(again)")
    }
    board.store.close()
  }

  @Test func aStoreOfOtherPagesAnotherFormatOrOnANetworkDiskIsRefusedNotDamaged() throws {
    try filled()
    let file = scratch.path + "/loam.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for (old, new, code) in [
      ("\"page_size_bytes\" : 4096", "\"page_size_bytes\" : 65536", "store.foreign-page-size"),
      ("\"format\" : 3", "\"format\" : 99", "store.newer-format"),
    ] {
      #expect(text.contains(old))
      try text.replacingOccurrences(of: old, with: new).write(toFile: file, atomically: true, encoding: .utf8)
      let diagnosis = try Doctor.examine(scratch.path, Self.quiet)
      #expect(diagnosis.findings(.cannotOpen).first?.message.contains(code) == true)
      #expect(diagnosis.category == .refused)
    }
    let network = StoreError(LMDBError(.unsafeFileSystem, call: "open", path: "/net"))
    #expect(Finding(cannotOpen: network).category == .refused && Finding(cannotOpen: network).action != nil)
  }

  @Test func aDamagedCatalogIsAFindingAndAMissingStoreAnError() throws {
    let error = #expect(throws: StoreError.self) { _ = try Doctor.examine(scratch.path, Self.quiet) }
    #expect(error?.reason == .notAStore)
    try filled()
    try FileManager.default.removeItem(atPath: scratch.path + "/catalog/data.mdb")
    let diagnosis = try Doctor.examine(scratch.path, Self.quiet)
    #expect(diagnosis.category == .damaged)
  }

  @Test func aStoppedWriterIsNamedAndMakesOthersWait() throws {
    try filled()
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sleep")
    child.arguments = ["60"]
    try child.run()
    defer { kill(child.processIdentifier, SIGKILL) }
    kill(child.processIdentifier, SIGSTOP)
    while !RunningProcess(child.processIdentifier).isStopped { usleep(1_000) }
    // Its owner file, as that process would hold it.
    let token = "\(child.processIdentifier)-stopped"
    let file = open(scratch.path + "/writers/" + token, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    #expect(flock(file, LOCK_EX | LOCK_NB) == 0)
    defer { close(file) }
    try enter(WriteEntry(owner: token, kind: .hold, tables: [], bases: [1], floors: [:], abandoned: false))
    let diagnosis = try Doctor.examine(scratch.path, Self.quiet)
    let finding = try #require(diagnosis.findings(.stoppedWriter).first)
    #expect(finding.message.contains("process \(child.processIdentifier) (sleep)") && diagnosis.category == .busy)
  }

  private func enter(_ entry: WriteEntry) throws {
    let board = try scratch.open()
    try board.store.catalog.write { t throws(LMDBError) in
      try t.put(entry, at: try t.take("nextStamp", board.store.catalog), in: board.store.catalog.writes)
      return .success(())
    }
    board.store.close()
  }
}
