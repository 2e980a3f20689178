import Foundation

@testable import LMDB

/// A directory of its own for one test, removed when the test has let it go.
final class Scratch: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "loam-lmdb-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func environment(mapSizeBytes: Int = 1 << 24, readersMax: UInt32 = 16) throws -> Environment {
    try Environment(path: path, options: .init(mapSizeBytes: mapSizeBytes, readersMax: readersMax))
  }
}

typealias Words = Database<TextCodec, TextCodec>

extension Environment {
  func words(_ name: String = "words") throws -> Words { try openDatabase(name, create: true)! }
}
