import FoundationEssentials

/// Which blobs a table holds: column 0, block 0 of shard 0, as JSON.
struct BlobDirectory: Codable, Sendable, Equatable {
  struct Entry: Codable, Sendable, Equatable {
    /// Chunk i is block `number << 24 | i` of column 1, in shard `number % shards`.
    var number: UInt64
    var bytes: UInt64
  }
  var nextNumber: UInt64 = 0
  var entries: [String: Entry] = [:]

  static let chunks: UInt16 = 1
  static let chunkBytes = 1 << 20
  /// 2^24 chunks of 1 MiB.
  static let blobBytesMax: UInt64 = 1 << 44

  init() {}

  init(_ snapshot: Snapshot, _ spec: TableSpec) throws(StoreError) {
    guard let block = try snapshot.block(Self.address(spec), shard: 0) else { return }
    do { self = try JSONDecoder().decode(Self.self, from: Data(try block.content())) } catch {
      throw StoreError(.badBlock, "\(spec.name): the directory of blobs does not decode: \(error)")
    }
    guard
      nextNumber <= 1 << 40,
      entries.values.allSatisfy({ $0.number < nextNumber && $0.bytes <= Self.blobBytesMax })
    else { throw StoreError(.badBlock, "\(spec.name): the directory of blobs contradicts itself") }
  }

  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(self) else { preconditionFailure("a directory always encodes") }
    return [UInt8](data)
  }

  static func chunkCount(_ bytes: Int) -> Int { (bytes + chunkBytes - 1) / chunkBytes }

  static func address(_ spec: TableSpec) -> BlockAddress { BlockAddress(table: spec.number, column: 0, block: 0) }

  static func address(_ spec: TableSpec, _ number: UInt64, chunk: Int) -> BlockAddress {
    BlockAddress(table: spec.number, column: chunks, block: number << 24 | UInt64(chunk))
  }

  /// A blob's part of the table's root: hash(its name, 0, its bytes).
  static func rowHash(_ name: String, _ bytes: [UInt8]) -> UInt128 {
    bytes.withUnsafeBytes { RowHash.of(column: name, key: 0, payload: $0) }
  }
}
