import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// Damage anywhere in a file of a store, LMDB's own pages included: refused or reported, never a crash, and what is
/// read all the same is what was written.
///
/// `LOAM_SEED` and `LOAM_PAGES`, pages of each kind of damage and file; all of them where it is 0.
@Suite struct PageDamageTests {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
  private let seed = Self.number("LOAM_SEED").map { UInt64($0) } ?? .random(in: 0..<1 << 40)

  enum Damage: String, CaseIterable { case zeros, noise, otherPage, bit, byteInHead }

  @Test(arguments: ["catalog", "shard-000"]) func aDamagedPageEndsInAnErrorOrShowsNothingWrong(part: String) throws {
    let damaged = try DamagedStore()
    let file = "\(damaged.path)/\(part)/data.mdb"
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    let roots = try #require(try self.roots(damaged))
    var random = SeededGenerator(seed)
    let pages = whole.count / 4_096
    let wanted = Self.number("LOAM_PAGES") ?? 12
    var (refused, unseen) = (0, 0)
    for damage in Damage.allCases {
      let chosen = wanted == 0 ? Array(0..<pages) : (0..<wanted).map { _ in Int(random.next() % UInt64(pages)) }
      for page in chosen {
        let place = page * 4_096..<(page + 1) * 4_096
        try overwrite(file, damaged: whole[place], damage, whole, pages, &random, at: place.lowerBound)
        defer { try? overwrite(file, whole[place], at: place.lowerBound) }
        let what = "\(part) page \(page), \(damage), seed \(seed)"
        do {
          // What opens and verifies is what was written.
          guard let found = try self.roots(damaged) else {
            refused += 1
            continue
          }
          #expect(found == roots, "\(what)")
          unseen += 1
        } catch let error as StoreError {
          #expect(error.category == .damaged, "\(what): \(error)")
          refused += 1
        }
      }
    }
    print(
      "page damage: seed \(seed), \(part): \(refused + unseen) damaged pages, \(refused) refused, the others changed "
        + "nothing")
    #expect(refused > 0)
    #expect(try self.roots(damaged) == roots)
  }

  /// Roots by table of every version; `nil` where verify has something to say.
  private func roots(_ damaged: DamagedStore) throws -> [UInt64: [String: Root]]? {
    let store = try Store.open(at: damaged.path, for: .read)
    defer { store.close() }
    guard try store.verify().problems.isEmpty else { return nil }
    return Dictionary(uniqueKeysWithValues: try store.versions().map { ($0.version, $0.tables.mapValues(\.root)) })
  }

  private func overwrite(
    _ file: String, damaged page: Data, _ damage: Damage, _ whole: Data, _ pages: Int, _ random: inout SeededGenerator,
    at offset: Int
  ) throws {
    var bytes = page
    switch damage {
    case .zeros: bytes = Data(count: page.count)
    case .noise: bytes = Data(page.map { _ in UInt8(truncatingIfNeeded: random.next()) })
    case .otherPage:
      let other = Int(random.next() % UInt64(pages)) * 4_096
      bytes = whole[other..<other + 4_096]
    case .bit, .byteInHead:
      let within = damage == .bit ? 4_096 : 256
      let index = bytes.startIndex + Int(random.next() % UInt64(within))
      bytes[index] ^= damage == .bit ? 1 << (random.next() % 8) : UInt8(1 + random.next() % 255)
    }
    try overwrite(file, bytes, at: offset)
  }

  private func overwrite(_ path: String, _ bytes: Data, at offset: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: bytes)
  }
}
