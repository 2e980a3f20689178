import Foundation
import Testing

@testable import LMDB

@Suite struct EnvironmentTests {
  @Test func aSecondOpenInOneProcessIsRefusedUnderEveryPath() throws {
    let scratch = Scratch()
    let environment = try scratch.environment()
    let words = try environment.words()
    let link = scratch.path + "-link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: scratch.path)
    defer { try? FileManager.default.removeItem(atPath: link) }
    for path in [scratch.path, link] {
      let error = #expect(throws: LMDBError.self) {
        _ = try Environment(path: path, options: .init(mapSizeBytes: 1 << 24))
      }
      #expect(error?.code == .openTwice)
    }
    // The refusals did not take the first one's locks away.
    try environment.write { t throws(LMDBError) in try t.put("b", at: "a", in: words) }
    environment.close()
    _ = try scratch.environment()
  }

  @Test func aFullMapIsATypedErrorAndTheSameBatchSucceedsAfterGrowing() throws {
    let scratch = Scratch()
    let environment = try scratch.environment(mapSizeBytes: 1 << 18)
    let words = try environment.words()
    let value = String(repeating: "x", count: 1_000)
    func batch() throws(LMDBError) {
      try environment.write { t throws(LMDBError) in
        for i in 0..<1_000 { try t.put(value, at: "key \(i)", in: words) }
      }
    }
    try environment.write { t throws(LMDBError) in try t.put("kept", at: "before", in: words) }
    let error = #expect(throws: LMDBError.self) { try batch() }
    #expect(error?.code == .mapFull)
    #expect(try environment.read { t throws(LMDBError) in try t.count(of: words) } == 1)
    try environment.grow(toBytes: 1 << 24)
    try batch()
    #expect(try environment.read { t throws(LMDBError) in try t.count(of: words) } == 1_001)
  }

  @Test func growingWaitsForOpenTransactionsAndGivesUpInTime() throws {
    let scratch = Scratch()
    let environment = try scratch.environment()
    var held: HeldRead? = try HeldRead(environment)
    let error = #expect(throws: LMDBError.self) { try environment.grow(toBytes: 1 << 26, timeoutSeconds: 0.05) }
    #expect(error?.code == .mapResized)
    _ = held
    held = nil
    try environment.grow(toBytes: 1 << 26, timeoutSeconds: 0.05)
    #expect(try environment.usage().mapSizeBytes == 1 << 26)
  }

  @Test func aShortenedFileIsRefusedBeforeItIsMapped() throws {
    let scratch = Scratch()
    do {
      let environment = try scratch.environment()
      let words = try environment.words()
      try environment.write { t throws(LMDBError) in
        for i in 0..<200 { try t.put(String(repeating: "v", count: 500), at: "\(i)", in: words) }
      }
      environment.close()
    }
    let file = scratch.path + "/data.mdb"
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    for length in [whole.count - 1, whole.count - 4096, 3 * 4096, 8192] {
      try whole.prefix(length).write(to: URL(fileURLWithPath: file))
      let error = #expect(throws: LMDBError.self) { _ = try scratch.environment() }
      #expect(error?.code == .truncated, "length \(length)")
    }
    try whole.write(to: URL(fileURLWithPath: file))
    _ = try scratch.environment()
  }

  @Test func aFileThatIsNoEnvironmentIsRefused() throws {
    let scratch = Scratch()
    try Data(repeating: 7, count: 16_384).write(to: URL(fileURLWithPath: scratch.path + "/data.mdb"))
    let error = #expect(throws: LMDBError.self) { _ = try scratch.environment() }
    #expect(error?.code == .notAnEnvironment)
  }

  @Test func fullReaderSlotsAreATypedErrorAndComeBack() throws {
    let scratch = Scratch()
    let environment = try scratch.environment(readersMax: 4)
    var held: [HeldRead] = []
    let error = #expect(throws: LMDBError.self) { for _ in 0..<5 { held.append(try HeldRead(environment)) } }
    #expect(error?.code == .readersFull)
    #expect(held.count == 4)
    held.removeLast()
    held.append(try HeldRead(environment))
  }

  @Test func aReaderKilledInItsTransactionPinsNothingAfterTheNextOpen() async throws {
    let scratch = Scratch()
    do {
      let environment = try scratch.environment()
      _ = try environment.words()
      environment.close()
    }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
      let environment = try Environment(path: path, options: .init(mapSizeBytes: 1 << 24))
      let held = try HeldRead(environment)
      try held.use { t throws(LMDBError) in _ = t }
      kill(getpid(), SIGKILL)
    }
    let environment = try scratch.environment()
    #expect(try environment.readers().isEmpty)
  }

  @Test func aMapGrownByAnotherProcessIsTakenOver() async throws {
    let scratch = Scratch()
    let environment = try scratch.environment(mapSizeBytes: 1 << 20)
    let words = try environment.words()
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      let environment = try Environment(path: path, options: .init(mapSizeBytes: 1 << 26))
      let words = try environment.words()
      try environment.write { t throws(LMDBError) in
        for i in 0..<4_000 { try t.put(String(repeating: "x", count: 1_000), at: "\(i)", in: words) }
      }
    }
    #expect(try environment.read { t throws(LMDBError) in try t.count(of: words) } == 4_000)
    try environment.write { t throws(LMDBError) in try t.put("y", at: "ours", in: words) }
  }

  @Test func aFullDiskFailsTheCommitAndKeepsWhatWasCommitted() async throws {
    let scratch = Scratch()
    // A limit on the size of files stands in for a small disk: the write call comes back short either way.
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      let environment = try Environment(path: path, options: .init(mapSizeBytes: 1 << 26))
      let words = try environment.words()
      try environment.write { t throws(LMDBError) in try t.put("kept", at: "before", in: words) }
      var limit = rlimit(rlim_cur: 1 << 20, rlim_max: rlim_t.max)
      precondition(setrlimit(__rlimit_resource_t(1), &limit) == 0)
      var failed = false
      do {
        try environment.write { t throws(LMDBError) in
          for i in 0..<4_000 { try t.put(String(repeating: "x", count: 1_000), at: "\(i)", in: words) }
        }
      } catch {
        failed = true
      }
      precondition(failed)
      let kept = try environment.read { t throws(LMDBError) in try t.get("before", in: words) }
      precondition(kept == "kept")
    }
    let environment = try scratch.environment()
    let words = try environment.words()
    #expect(try environment.read { t throws(LMDBError) in try t.count(of: words) } == 1)
  }
}
