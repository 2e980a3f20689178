import Foundation
import LoamSchema
import LoamStore
import Testing

@testable import LoamImport

@Suite struct HostileFileTests {
  @Test(arguments: HostileFile.all)
  func `a hostile file is refused with its path and the reason, and nothing is begun`(_ hostile: HostileFile) throws {
    let importing = try ImportStore(shards: 1)
    let path = try importing.file(hostile.name, hostile.bytes)
    let before = try importing.store.versions()
    let error = try #require(throws: ImportError.self) { try importing.take(path, hostile.options) }
    #expect(error.category == .refused, "\(error)")
    #expect(error.message.contains(hostile.says), "\(error)")
    #expect(error.message.contains(path), "\(error)")
    #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    #expect(try importing.store.versions() == before)
    // Not even the table's shape is taken down: the next import may have another.
    let snapshot = try importing.store.snapshot()
    #expect(snapshot.spec(TableName(.embedding, hostile.options.table)) == nil)
    #expect(snapshot.spec(TableName(.ids, "word")) == nil)
  }

  @Test func `a link, a directory and a pipe`() throws {
    let importing = try ImportStore(shards: 1)
    let options = ImportOptions(table: "frozen/user", ids: .rowNumbers)
    mkfifo(importing.path + "/pipe.npy", 0o600)
    mkdir(importing.path + "/directory.npy", 0o700)
    for name in ["directory.npy", "absent.npy", "pipe.npy"] {
      let error = #expect(throws: ImportError.self) { try importing.take("\(importing.path)/\(name)", options) }
      #expect(error?.category == .refused)
    }
    // Other programs' caches are full of links; what one leads to is what counts.
    let file = try importing.file("a.npy", Foreign.vectors([[1, 2]]))
    symlink(file, importing.path + "/link.npy")
    #expect(try importing.take(importing.path + "/link.npy", options).rows == 1)
  }

  @Test func `every changed byte of an archive is refused or changes nothing but numbers`() throws {
    let importing = try ImportStore(shards: 1)
    let bytes = Zip([Zip.Entry(name: "vectors.npy", content: Foreign.vectors([[1, 2], [3, 4]]), isDeflated: true)]).file
    let options = ImportOptions(table: "frozen/user", ids: .rowNumbers)
    let parser = IDParser(space: "user", kind: .integer)
    for index in bytes.indices {
      for change: UInt8 in [0x01, 0x80] {
        var bytes = bytes
        bytes[index] ^= change
        let path = try importing.file("a.npz", bytes)
        guard let file = try? VectorFile(path, options, parser),
          let found = try? CheckedVectors(file, options, type: nil, dimension: nil, progress: { _ in })
        else { continue }
        #expect(found.rows == 2 && found.dimension == 2)
      }
    }
  }
}
