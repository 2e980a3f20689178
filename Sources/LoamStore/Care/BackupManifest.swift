import FoundationEssentials
import LoamSchema

/// What a backup is: `backup.json`, beside copies of the environments' data files.
///
/// ```
/// BACKUP/backup.json           this
/// BACKUP/catalog/data.mdb      the catalog, copied first
/// BACKUP/shard-000/data.mdb    copied afterwards, one after the other, with blocks that are newer than the catalog
/// ```
///
/// It is no store: without the walk of `restore`, stamps that are given again would meet those newer blocks. So it has
/// no `loam.json`, and its shards name the backup, not the store, as what they belong to.
public struct BackupManifest: Codable, Sendable, Equatable {
  public static let currentFormat = 1
  public static let fileName = "backup.json"

  public struct File: Codable, Sendable, Equatable {
    public var path: String
    public var bytes: Int
    public var crc32c: UInt32
  }
  public var format: Int
  public var backupID: String
  /// When the versions were held: the instant that the backup shows.
  public var time: Timestamp
  /// The store that was backed up, as its `loam.json` said.
  public var store: StoreIdentity
  /// The versions that are whole in here, ascending.
  public var versions: [UInt64]
  public var tags: [String: UInt64]
  public var aliases: [String: UInt64]
  public var files: [File]
  /// Blocks whose checksums were compared after the copy.
  public var blocks: Int

  enum CodingKeys: String, CodingKey {
    case format, time, store, versions, tags, aliases, files, blocks
    case backupID = "backup_id"
  }

  public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

  /// Reads a backup's manifest. Throws `notAStore` where there is none.
  public init(at path: String) throws(StoreError) {
    let file = "\(path)/\(Self.fileName)"
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw StoreError(
        .notAStore, "\(path) is no backup: there is no \(Self.fileName)", hint: "Give a directory of 'loam backup'.")
    }
    struct Format: Decodable { var format: Int }
    if let found = try? JSONDecoder().decode(Format.self, from: bytes), found.format > Self.currentFormat {
      throw StoreError(
        .newerFormat, "\(path) has format \(found.format); this Loam restores formats up to \(Self.currentFormat)",
        hint: "Use a newer Loam.")
    }
    guard let manifest = try? JSONDecoder().decode(Self.self, from: bytes),
      (1...256).contains(manifest.store.shards), !manifest.versions.isEmpty,
      manifest.files.map(\.path) == Self.paths(shards: manifest.store.shards)
    else {
      throw StoreError(
        .badCatalog, "\(file) cannot be read: it is not what Loam wrote", hint: "Restore from another backup.")
    }
    self = manifest
  }

  init(
    backupID: String, time: Timestamp, store: StoreIdentity, versions: [UInt64], tags: [String: UInt64],
    aliases: [String: UInt64]
  ) {
    format = Self.currentFormat
    self.backupID = backupID
    self.time = time
    self.store = store
    self.versions = versions
    self.tags = tags
    self.aliases = aliases
    files = []
    blocks = 0
  }

  func write(to directory: String) throws(StoreError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let bytes = try? encoder.encode(self) else { preconditionFailure("a manifest always encodes") }
    try DurableFile.write([UInt8](bytes) + [UInt8(ascii: "\n")], to: "\(directory)/\(Self.fileName)")
  }

  /// Data files in the order in which they are copied.
  static func paths(shards: Int) -> [String] {
    let layout = StoreLayout(root: "")
    return ([layout.catalog] + (0..<shards).map(layout.shard)).map { $0.dropFirst() + "/data.mdb" }
  }
}
