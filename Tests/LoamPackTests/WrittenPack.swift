import Foundation
import LoamKernels
import LoamSchema

@testable import LoamPack

/// A directory of its own for one test, gone with the value.
final class Scratch {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("loam-pack-\(UUID().uuidString)").path
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }
}

/// A pack with a table `item` of `rows` IDs, of which row values are told by the ID, and a table `slot` of weights.
struct WrittenPack {
  static let width = 5
  let scratch = Scratch()
  let ids: [ID]
  let type: PackType
  var directory: String { scratch.path }
  var file: String { scratch.path(FrozenPack.fileName) }

  /// What the row of an ID holds; all of it is exact in every type.
  static func values(_ id: ID) -> [Float] {
    (0..<width).map { element in element == 0 ? 127 : Float(Int(truncatingIfNeeded: id >> 3 &+ UInt64(element)) & 63) }
  }

  init(rows: Int = 1_000, type: PackType = .f32, seed: UInt64 = 0, ids chosen: [ID]? = nil) throws {
    self.type = type
    let all = chosen ?? (0..<UInt64(rows)).map { $0 &* 0x9E37_79B9 } + [.missing, .unknown]
    ids = all.sorted { PackIndex.hash($0, seed: seed) < PackIndex.hash($1, seed: seed) }
    let content = PackContent(
      tables: [
        .init(
          "item", rows: ids.count, columns: [.init("vector", type, width: Self.width), .init("weight", .f32, width: 1)]),
        .init("slot", rows: 0, columns: [.init("weight", .f32, width: 1)]),
      ], tensors: [.init("bias", shape: []), .init("mlp.0.weight", shape: [2, 3])],
      blobs: [.init("schema", Array("name: ads\n".utf8))])
    var writer = try PackWriter(at: scratch.path(FrozenPack.fileName), content, seeds: [seed, 0])
    try ids.withUnsafeBufferPointer { try writer.append($0, to: 0) }
    for id in ids {
      try Self.stored(Self.values(id), type).withUnsafeBytes { try writer.append($0, to: 0, column: 0) }
      try [Float(id & 0xFF)].withUnsafeBytes { try writer.append($0, to: 0, column: 1) }
    }
    try writer.append([-0.5], toTensor: 0)
    try writer.append([1, 2, 3, 4, 5, 6], toTensor: 1)
    let digest = try writer.finish()
    let manifest = PackManifest(
      storeID: "store", version: 3, name: "best", time: "2025-01-01T00:00:00Z", root: "00", model: "ctr", tables: [],
      bytes: digest.bytes, sha256: digest.sha256)
    try write(manifest.encoded(), to: PackManifest.fileName)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: scratch.path(name)))
  }

  /// Small whole numbers, whose bits are those of the upper half of f32 or worked out here.
  private static func stored(_ values: [Float], _ type: PackType) -> [UInt8] {
    var bytes: [UInt8] = []
    switch type {
    case .f32: for value in values { bytes.append(little: value.bitPattern) }
    case .bf16: for value in values { bytes.append(little: UInt16(value.bitPattern >> 16)) }
    case .f16:
      for value in values {
        let half = value == 0 ? 0 : UInt16(value.exponent + 15) << 10 | UInt16(value.significandBitPattern >> 13)
        bytes.append(little: half)
      }
    case .i8:
      bytes = values.map { UInt8(bitPattern: Int8($0)) }
      bytes.append(little: Float(1).bitPattern)
    }
    return bytes
  }
}
