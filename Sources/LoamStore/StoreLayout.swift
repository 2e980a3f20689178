import FoundationEssentials
import Glibc

/// The files of a store, and what `loam.json` says of it.
///
/// ```
/// STORE/loam.json     what this page describes
/// STORE/LOCK          flock: shared by writing processes, alone for restore and repair
/// STORE/writers/      one file a living writer, held with flock
/// STORE/catalog/      LMDB: versions, tags, aliases, tables, leases
/// STORE/shard-000/    LMDB: blocks and changes
/// ```
public struct StoreIdentity: Codable, Sendable, Equatable {
  /// The format that this Loam reads and writes. Those before it were never released.
  public static let currentFormat = 3

  /// Sizes of maps that are accepted: 47 bits of address are all that a process has.
  static let mapBytesRange = 1 << 20...1 << 46

  public var format: Int
  public var storeID: String
  public var pageSizeBytes: Int
  public var shards: Int
  public var shardMapBytes: Int
  public var catalogMapBytes: Int
  public var lmdb: String

  enum CodingKeys: String, CodingKey {
    case format, shards, lmdb
    case storeID = "store_id"
    case pageSizeBytes = "page_size_bytes"
    case shardMapBytes = "shard_map_bytes"
    case catalogMapBytes = "catalog_map_bytes"
  }
}

struct StoreLayout: Sendable {
  var root: String
  var identityFile: String { root + "/loam.json" }
  var lockFile: String { root + "/LOCK" }
  var writers: String { root + "/writers" }
  var catalog: String { root + "/catalog" }
  func shard(_ number: Int) -> String {
    let digits = String(number)
    return root + "/shard-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }

  func readIdentity() throws(StoreError) -> StoreIdentity {
    guard let bytes = FileManager.default.contents(atPath: identityFile) else {
      let exists = FileManager.default.fileExists(atPath: root)
      throw StoreError(
        .notAStore, exists ? "\(root) is no store: loam.json is missing" : "there is no store at \(root)",
        hint: "Make one with: loam init \(root) --schema FILE")
    }
    struct Format: Decodable { var format: Int }
    if let format = try? JSONDecoder().decode(Format.self, from: bytes), format.format != StoreIdentity.currentFormat {
      let isNewer = format.format > StoreIdentity.currentFormat
      throw StoreError(
        isNewer ? .newerFormat : .olderFormat,
        "\(root) has format \(format.format); this Loam reads format \(StoreIdentity.currentFormat)",
        hint: isNewer ? "Use a newer Loam." : "Ingest the logs into a new store, or use the Loam that made it.")
    }
    guard let identity = try? JSONDecoder().decode(StoreIdentity.self, from: bytes),
      (1...256).contains(identity.shards),
      StoreIdentity.mapBytesRange.contains(identity.shardMapBytes),
      StoreIdentity.mapBytesRange.contains(identity.catalogMapBytes)
    else {
      throw StoreError(
        .badCatalog, "\(identityFile) cannot be read: it is not what Loam wrote", hint: StoreError.restore)
    }
    guard identity.pageSizeBytes == Int(sysconf(Int32(_SC_PAGESIZE))) else {
      throw StoreError(
        .foreignPageSize,
        "\(root) was made with pages of \(identity.pageSizeBytes) bytes; this machine has \(sysconf(Int32(_SC_PAGESIZE)))",
        hint: "Export on a machine with that page size and import here.")
    }
    return identity
  }

  /// Written beside and renamed, so that a crash leaves the old file or the new one.
  func write(_ identity: StoreIdentity) throws(StoreError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let bytes = try? encoder.encode(identity) else { preconditionFailure("an identity always encodes") }
    try DurableFile.write([UInt8](bytes) + [UInt8(ascii: "\n")], to: identityFile)
  }
}
