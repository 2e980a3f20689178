import LoamKernels

/// One version of a model, frozen into a directory to be served from: tables, dense tensors, definition and schema.
///
/// ```
///   DIR/model.pack       everything that serving reads, mapped
///   DIR/manifest.json    where it came from; length and SHA-256 of model.pack
///   DIR/manifest.sig     Ed25519 over the manifest, where it was signed
/// ```
///
/// ```swift
/// let pack = try FrozenPack(at: "ctr.pack")
/// let items = try pack.table("item")
/// try items.lookup(ids, column: items.column("vector"), into: vectors)          // [ids, width] f32
/// ```
///
/// Opening reads the directory of the file, a few KiB, whatever the number of rows; a lookup reads pages when it needs
/// them. May be used from several threads. A C or C++ server reads the same bytes with `loam_pack.h`.
public final class FrozenPack: Sendable {
  public static let fileName = "model.pack"

  public let manifest: PackManifest
  public let tables: [PackTable]
  private let map: PackMap

  /// - Parameters:
  ///   - key: the manifest must be signed by it, and the file be the one that the manifest names.
  ///   - checksDigest: compares the whole file with the manifest's SHA-256, about a second a GB.
  /// - Throws: `pack.not-a-pack`, `pack.newer-format`, `pack.damaged`, `pack.unsigned`, `pack.bad-signature`, `pack.io`.
  public init(at directory: String, signedBy key: PackPublicKey? = nil, checksDigest: Bool = false) throws(PackError) {
    manifest = try PackManifest(in: directory, signedBy: key)
    let path = "\(directory)/\(Self.fileName)"
    if checksDigest || key != nil { try manifest.requireDigest(of: path) }
    let map = try PackMap(path)
    self.map = map
    tables = (0..<map.pack.pointee.tables).map { PackTable(map, loam_pack_table_at(map.pack, $0)) }
  }

  /// - Throws: `pack.unknown-table`, with the nearest name.
  public func table(_ name: String) throws(PackError) -> PackTable {
    if let table = tables.first(where: { $0.name == name }) { return table }
    throw .unknown("table", name, among: tables.map(\.name))
  }

  /// Compares every block of the file with its CRC32C.
  public func verify() throws(PackError) { try map.verify() }

  /// Names and shapes of the dense tensors.
  public var tensors: [(name: String, shape: [Int])] {
    (0..<map.pack.pointee.tensors).map { number in
      let tensor = loam_pack_tensor_at(map.pack, number)
      return (String(packed: tensor.name, tensor.name_bytes), tensor.sizes)
    }
  }

  /// The elements of a dense tensor, the last axis running fastest.
  public func tensor(_ name: String) throws(PackError) -> [Float] {
    var tensor = loam_pack_tensor()
    guard loam_pack_tensor_named(map.pack, name, &tensor) != 0 else {
      throw .unknown("tensor", name, among: tensors.map(\.name))
    }
    return Array(UnsafeBufferPointer(start: tensor.values, count: Int(tensor.count)))
  }

  /// Named bytes: `definition` (JSON), `config` and `schema` (YAML). `nil`: the pack has none of that name.
  public func blob(_ name: String) -> [UInt8]? {
    var blob = loam_pack_blob()
    guard loam_pack_blob_named(map.pack, name, &blob) != 0 else { return nil }
    return Array(UnsafeBufferPointer(start: blob.bytes, count: Int(blob.count)))
  }
}

extension loam_pack_tensor {
  fileprivate var sizes: [Int] {
    withUnsafeBytes(of: shape) { bytes in
      bytes.assumingMemoryBound(to: UInt64.self).prefix(Int(rank)).map { Int($0) }
    }
  }
}
