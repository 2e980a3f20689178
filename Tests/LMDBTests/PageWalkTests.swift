import Foundation
import Testing

@testable import LMDB

/// liblmdb follows whatever its pages say. Of 30 overwritten pages of one file 6 ended the process.
@Suite struct PageWalkTests {
  /// A closed environment with branches, long values and free pages, and what is in it.
  private struct Filled {
    let scratch = Scratch()
    var content: [String: String] = [:]
    var file: String { scratch.path + "/data.mdb" }

    init() throws {
      let environment = try scratch.environment()
      let words = try environment.words()
      let others = try environment.words("others")
      var random = SystemRandomNumberGenerator()
      for round in 0..<10 {
        try environment.write { t throws(LMDBError) in
          for _ in 0..<40 {
            let key = "key \(Int.random(in: 0..<300, using: &random)) " + String(repeating: "k", count: 40)
            if Int.random(in: 0..<4, using: &random) == 0 {
              try t.delete(key, in: words)
              content[key] = nil
            } else {
              let size = [3, 100, 2_500, 9_000].randomElement(using: &random)!
              content[key] = String(repeating: "v", count: size) + "\(round)"
              try t.put(content[key]!, at: key, in: words)
            }
          }
          try t.put("\(round)", at: "round", in: others)
        }
        #expect(try environment.pageProblems(.everything) == [])
      }
      environment.close()
    }

    /// What is in the file as it is now; throws where it is refused.
    func read(_ scope: Environment.PageScope) throws -> [String: String] {
      let environment = try Environment(
        path: scratch.path, options: .init(mapSizeBytes: 1 << 24, readersMax: 16, checkedPages: scope))
      defer { environment.close() }
      guard let words: Words = try environment.openDatabase("words", create: false) else {
        throw LMDBError(.corrupted, call: "open", path: scratch.path)
      }
      let entries = try environment.read { t throws(LMDBError) in try t.entries(of: words) }
      return Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    }
  }

  @Test func anOverwrittenPageIsRefusedOrHoldsValuesAlone() throws {
    let filled = try Filled()
    #expect(try filled.read(.everything) == filled.content)
    let whole = try Data(contentsOf: URL(fileURLWithPath: filled.file))
    var refused = 0
    let pages = whole.count / 4_096
    for page in stride(from: 0, to: pages, by: max(1, pages / 60)) {
      let other = Int.random(in: 0..<pages)
      for kind in 0..<4 {
        let bytes: Data
        switch kind {
        case 0: bytes = Data(count: 4_096)
        case 1: bytes = Data((0..<4_096).map { _ in UInt8.random(in: 0...255) })
        case 2: bytes = whole[(other * 4_096)..<((other + 1) * 4_096)]
        // Its own number on another page's content: the likeliest to be believed.
        default:
          let content = whole[(other * 4_096)..<((other + 1) * 4_096)]
          bytes = whole[(page * 4_096)..<(page * 4_096 + 8)] + content.dropFirst(8)
        }
        try overwrite(filled.file, bytes, at: page * 4_096)
        defer { try? overwrite(filled.file, whole[(page * 4_096)..<((page + 1) * 4_096)], at: page * 4_096) }
        do {
          let found = try filled.read(.keys(leavesMax: .max))
          #expect(Set(found.keys) == Set(filled.content.keys), "page \(page), kind \(kind)")
        } catch let error as LMDBError {
          #expect(error.code != .openTwice)
          refused += 1
        }
      }
    }
    #expect(refused > 20, "\(refused)")
    #expect(try filled.read(.everything) == filled.content)
  }

  @Test func aFlippedBitIsRefusedOrShowsAsOneEntry() throws {
    let filled = try Filled()
    let whole = try Data(contentsOf: URL(fileURLWithPath: filled.file))
    var refused = 0
    for _ in 0..<200 {
      // Half of them in the first bytes of a page, which say what it is.
      let start = Int.random(in: 0..<whole.count / 4_096) * 4_096
      let offset = start + Int.random(in: 0..<(Bool.random() ? 200 : 4_096))
      let bit = UInt8(1) << Int.random(in: 0..<8)
      try overwrite(filled.file, Data([whole[offset] ^ bit]), at: offset)
      defer { try? overwrite(filled.file, Data([whole[offset]]), at: offset) }
      do {
        let found = try filled.read(.keys(leavesMax: .max))
        #expect(abs(found.count - filled.content.count) <= 1, "offset \(offset) bit \(bit)")
        let differing = filled.content.filter { found[$0.key] != $0.value }
        #expect(differing.count <= 1, "offset \(offset) bit \(bit): \(differing.keys)")
      } catch is LMDBError {
        refused += 1
      }
    }
    #expect(refused > 5, "\(refused)")
  }

  @Test func aFreePageThatIsInUseIsDamage() throws {
    let filled = try Filled()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: filled.file))
    let meta = try #require(MetaPages.newest(descriptor: file.fileDescriptor))
    var bytes = [UInt8](repeating: 0, count: 4_096)
    #expect(pread(file.fileDescriptor, &bytes, 4_096, off_t(meta.freeList.root * 4_096)) == 4_096)
    let offset = try bytes.withUnsafeBytes { bytes in
      let page = try #require(TreePage(bytes, number: meta.freeList.root))
      let nodes = (0..<page.count).compactMap { page.node($0) }
      let node = try #require(nodes.first { $0.flags == 0 && $0.valueBytes >= 16 })
      return node.value.baseAddress! - bytes.baseAddress!
    }
    var root = meta.main.root
    let place = Int(meta.freeList.root) * 4_096 + offset + 8
    try overwrite(filled.file, Data(bytes: &root, count: 8), at: place)
    let error = #expect(throws: LMDBError.self) { try filled.read(.everything) }
    #expect(error?.description.contains("free list: page \(root) is in use twice") == true, "\(error!)")
  }

  private func overwrite(_ path: String, _ bytes: Data, at offset: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: bytes)
  }
}
