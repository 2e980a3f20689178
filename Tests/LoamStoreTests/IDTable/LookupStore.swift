import Foundation
import LoamSchema
import LoamStore

/// A table of random rows in every type, one version, and what was written.
final class LookupStore {
  static let name = TableName(.embedding, "m/lookup")
  static let spec = TableSpec(
    name,
    columns: [
      ColumnSpec("vector", .f32, width: 16, initial: .normal(deviation: 0.1, seed: 3), blockPages: 1),
      ColumnSpec("half", .f16, width: 5, blockPages: 1),
      ColumnSpec("brain", .bf16, width: 9, blockPages: 2),
      ColumnSpec("byte", .i8, width: 12, blockPages: 1),
      ColumnSpec("count", .u64, blockPages: 1),
      ColumnSpec("wide", .f32, width: 1_200),
      ColumnSpec("untouched", .f32, width: 3, initial: .uniform(bound: 1, seed: 5)),
    ])

  private let scratch: StructureStore
  let ids: [ID]
  var store: Store { scratch.store }

  init(rows: Int, shards: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed)
    scratch = try StructureStore(shards: shards)
    // Zero is an ID like others, and looks like an empty entry.
    ids = [0] + (1..<max(rows, 1)).map { _ in random.next() }
    let write = try scratch.store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    for (position, id) in ids.enumerated() {
      let row = try table.findOrInsert(id)
      // Some blocks of the first column stay as they were never stored.
      let first = position < rows / 2 ? 0 : 1
      for column in first..<Self.spec.columns.count - 1 {
        let spec = Self.spec.columns[column]
        let bytes = UnsafeMutableRawBufferPointer(start: try table.mutableRow(column, row), count: spec.stride)
        for byte in bytes.indices { bytes[byte] = UInt8(truncatingIfNeeded: random.next()) }
        // Halves whose exponent is all ones may be NaNs, which compare with nothing.
        if spec.type == .f16 || spec.type == .bf16 {
          for high in stride(from: 1, to: spec.stride, by: 2) { bytes[high] &= 0xBB }
        }
        if spec.type == .i8 { bytes.storeBytes(of: Float(position) / 64, toByteOffset: spec.width, as: Float.self) }
        if spec.type == .f32 {
          for element in 0..<spec.width {
            bytes.storeBytes(of: Float(element - position), toByteOffset: element * 4, as: Float.self)
          }
        }
      }
    }
    try table.flush()
    try write.publish()
  }

  func reader(_ index: IDTableReader.IndexPlace = .mapped) throws -> IDTableReader {
    try IDTableReader(try store.snapshot(), Self.name, index: index)!
  }

  /// Changes one byte of a block in its file, under the map.
  func damage(column: UInt16, block number: Int, byte: Int) throws {
    let snapshot = try store.snapshot()
    let table = snapshot.spec(Self.name)!
    let block = try snapshot.blocks(table: table.number, column: column, shard: 0)[number]
    let header = Data(bytes: block.payload.baseAddress! - BlockHeader.size, count: BlockHeader.size)
    let path = "\(store.path)/shard-000/data.mdb"
    let place = try Data(contentsOf: URL(fileURLWithPath: path)).range(of: header)!.upperBound + byte
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(place))
    let old = try file.read(upToCount: 1)!
    try file.seek(toOffset: UInt64(place))
    try file.write(contentsOf: [old[0] ^ 0x20])
    try file.close()
  }
}

extension IDTableReader {
  /// One ID at a time by find and read.
  func slowly(_ ids: [ID], column: Int, absent: [UInt8]) throws -> [UInt8] {
    try ids.flatMap { id -> [UInt8] in
      let row = try find(id)
      if row.isNone { return absent }
      var bytes = absent
      try bytes.withUnsafeMutableBytes { try read(column, row, into: $0.baseAddress!) }
      return bytes
    }
  }

  func lookup(_ ids: [ID], column: Int, absent: [UInt8]?) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0x77, count: ids.count * spec.columns[column].stride)
    try bytes.withUnsafeMutableBytes { out in
      try ids.withUnsafeBufferPointer { ids in
        if let absent {
          try absent.withUnsafeBytes { try lookup(ids, column: column, absent: $0.baseAddress!, into: out) }
        } else {
          try lookup(ids, column: column, into: out)
        }
      }
    }
    return bytes
  }

  func lookup(_ ids: [ID], column: Int) throws -> [Float] {
    var values = [Float](repeating: 0x77, count: ids.count * spec.columns[column].width)
    try values.withUnsafeMutableBufferPointer { out in
      try ids.withUnsafeBufferPointer { try lookup($0, column: column, into: out) }
    }
    return values
  }
}
