import Foundation
import LoamSchema

/// `manifest.json` of a pack: where it came from, and the length and SHA-256 of `model.pack`.
public struct PackManifest: Codable, Sendable, Equatable {
  public static let fileName = "manifest.json"
  public static let format = "loam.pack"
  /// Grows when a reader of the older one would misread.
  public static let formatVersion = 1

  public struct Table: Codable, Sendable, Equatable {
    public var space: String
    public var rows: Int
    /// 0: the table has weights only.
    public var dimension: Int
    /// Of vectors; weights are f32.
    public var dtype: String
    public var hasWeight: Bool
    /// Of the table in the store, all its columns together.
    public var root: String

    public init(space: String, rows: Int, dimension: Int, dtype: String, hasWeight: Bool, root: String) {
      (self.space, self.rows, self.dimension) = (space, rows, dimension)
      (self.dtype, self.hasWeight, self.root) = (dtype, hasWeight, root)
    }

    enum CodingKeys: String, CodingKey {
      case space, rows, dimension, dtype, root
      case hasWeight = "has_weight"
    }
  }

  public var format = Self.format
  public var formatVersion = Self.formatVersion
  public var storeID: String
  public var version: UInt64
  /// The tag or alias that was asked for.
  public var name: String?
  /// When the version was published, ISO 8601, UTC.
  public var time: String
  /// Of the whole version.
  public var root: String
  public var model: String
  public var tables: [Table]
  /// Of `model.pack`.
  public var bytes: Int
  /// Lower-case hexadecimal.
  public var sha256: String

  public init(
    storeID: String, version: UInt64, name: String?, time: String, root: String, model: String, tables: [Table],
    bytes: Int = 0, sha256: String = ""
  ) {
    (self.storeID, self.version, self.name, self.time) = (storeID, version, name, time)
    (self.root, self.model, self.tables, self.bytes, self.sha256) = (root, model, tables, bytes, sha256)
  }

  enum CodingKeys: String, CodingKey {
    case format, version, name, time, root, model, tables, bytes, sha256
    case formatVersion = "format_version"
    case storeID = "store_id"
  }
}

extension PackManifest {
  /// The longest manifest that is read.
  static let bytesMax = 1 << 24

  /// Whether the directory has the manifest of a pack, of whatever format version.
  public static func isPack(at directory: String) -> Bool {
    guard let bytes = try? PackFile.content("\(directory)/\(fileName)", bytesMax: bytesMax) else { return false }
    return ManifestForm(of: bytes)?.format == format
  }

  init(in directory: String, signedBy key: PackPublicKey?) throws(PackError) {
    let path = "\(directory)/\(Self.fileName)"
    let bytes = try PackFile.content(path, bytesMax: Self.bytesMax)
    // Nothing of a manifest is believed before its signature.
    if let key { try key.requireSignature(of: bytes, in: directory) }
    guard let form = ManifestForm(of: bytes), form.format == Self.format else {
      throw PackError(.notAPack, "\(path) is not the manifest of a pack", hint: "Make one: loam export --format pack")
    }
    guard form.formatVersion <= Self.formatVersion else {
      throw PackError(
        .newerFormat, "\(path) has format version \(form.formatVersion), this loam reads up to \(Self.formatVersion)",
        hint: "Use a newer loam.")
    }
    do { self = try SortedJSON.value(Self.self, of: bytes) } catch {
      throw PackError(.damaged, "\(path) cannot be read: \(error)", hint: "Get the pack again.")
    }
  }

  public func encoded() -> [UInt8] { SortedJSON.bytes(of: self, isPretty: true) }

  func requireDigest(of path: String) throws(PackError) {
    let found = try PackFile.digest(path)
    guard found.bytes == bytes, found.sha256 == sha256 else {
      throw PackError(
        .damaged,
        "\(path): \(found.bytes) bytes with SHA-256 \(found.sha256), the manifest says \(bytes) with \(sha256)",
        hint: "Get the pack again, or export the version anew.")
    }
  }
}
