import Foundation
import LoamKernels
import LoamSchema
import LoamStore

/// A small store in a directory of its own, removed with it.
final class StructureStore {
  let store: Store
  private let path: String

  init(shards: Int) throws {
    path = NSTemporaryDirectory() + "loam-structures-\(UUID().uuidString)"
    store = try Store.create(at: path, options: StoreOptions(shards: shards, shardMapBytes: 1 << 30))
  }

  deinit {
    store.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The root that the latest version names.
  func root(_ name: TableName) throws -> UInt128 {
    try store.snapshot().record.tables[name.description]?.root.value ?? 0
  }
}

/// A generator whose seed a failing test prints.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return loam_mix64(state)
  }
}
