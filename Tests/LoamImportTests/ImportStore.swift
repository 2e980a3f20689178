import Foundation
import LoamQuery
import LoamSchema
import LoamStore

@testable import LoamImport

/// An empty store with the ID spaces `user` of integers and `word` of strings, and a directory for files beside it.
final class ImportStore {
  let path: String
  let store: Store

  init(shards: Int = 2) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("loam-import-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    var options = StoreOptions(shards: shards, shardMapBytes: 256 << 20, catalogMapBytes: 16 << 20)
    options.schema = """
      schema: 1
      name: vectors
      format: csv
      labels: [click]
      ids: [{name: user, kind: integer}, {name: word, kind: string}]
      """
    store = try Store.create(at: path + "/store", options: options)
  }

  deinit {
    store.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  @discardableResult
  func take(_ file: String, _ options: ImportOptions) throws -> ImportReport { try Importer(store, options).run(file) }

  func reader(_ table: String) throws -> EmbeddingReader? {
    let parts = table.split(separator: "/").map(String.init)
    return try EmbeddingReader(store.snapshot(), model: parts[0], space: parts[1])
  }

  func vector(_ table: String, _ id: ID) throws -> [Float]? { try reader(table)?.vector(of: id) }
  func vector(_ table: String, _ word: String) throws -> [Float]? { try vector(table, RowHash.salt(word)) }
}
