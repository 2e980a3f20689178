import Foundation
import LMDB
import Testing

@testable import LoamStore

/// Paths of a store's backup and of what is restored from it, removed with this.
final class Copies: Sendable {
  let folder = NSTemporaryDirectory() + "loam-care-\(UUID().uuidString)"
  var backup: String { folder + "/backup" }
  var restored: String { folder + "/restored" }

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func openRestored() throws -> Board { Board(store: try Store.open(at: restored, for: .write)) }

  /// What is in the folder, hidden or not.
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
}

/// Overwrites bytes of a file in place.
func damage(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
  let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  try file.seek(toOffset: UInt64(offset))
  try file.write(contentsOf: Data(bytes))
  try file.close()
}

/// Where a run of bytes first lies in a file.
func offset(of bytes: [UInt8], in path: String) throws -> Int {
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  return try #require(data.firstRange(of: Data(bytes))).lowerBound
}
