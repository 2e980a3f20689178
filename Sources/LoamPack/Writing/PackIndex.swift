import LoamKernels
import LoamSchema

/// Writes the index of a table, a line at a time, from IDs in ascending order of their hash.
///
/// ```
///   hash of ID ──▶ home line        7 IDs, row of the first, how many, "goes on"        64 bytes
///                  full: the next one, and so on
/// ```
///
/// Home lines ascend with the hash, so IDs lie in the order of their hashes however far a full line pushes them, and rows
/// in the order of IDs: a line names one row, and the others follow.
public struct PackIndex {
  static let lineIDs = loam_pack_line_ids
  static let reachMax = loam_pack_reach_max
  static let lineBytes = MemoryLayout<loam_pack_line>.stride

  /// What the directory says of an index.
  struct Written {
    var seed: UInt64 = 0
    var reach = 0
    var missing, unknown: UInt32?
  }
  private let buckets: UInt32
  private var line = 0
  private var ids: [UInt64] = []
  private var lastHash: UInt64?
  private var rows: UInt32 = 0
  private(set) var written = Written()

  init(rows: Int, seed: UInt64) {
    buckets = UInt32(Self.buckets(rows: rows))
    written.seed = seed
    ids.reserveCapacity(Self.lineIDs)
  }

  /// Three quarters full: one in eight IDs lies beyond its home line.
  static func buckets(rows: Int) -> Int { max(1, (rows * 4 + lineIDs * 3 - 1) / (lineIDs * 3)) }

  /// What rows ascend by.
  public static func hash(_ id: ID, seed: UInt64) -> UInt64 { loam_pack_hash(id, seed) }

  /// Seeds are tried in this order: the first is that of a store's own index, in which its shards lie one behind the other.
  public static func seed(attempt: Int) -> UInt64 { attempt == 0 ? 0 : loam_mix64(UInt64(attempt)) }

  /// - Throws: `pack.crowded`: repeat with the next seed.
  mutating func append(_ id: ID, _ write: ([UInt8]) throws(PackError) -> Void) throws(PackError) {
    let hash = loam_pack_hash(id, written.seed)
    precondition(lastHash.map { $0 < hash } ?? true, "IDs in ascending order of their hash, each once")
    lastHash = hash
    let home = Int(loam_pack_home(hash, buckets))
    while line < home { try emit(goesOn: false, write) }
    if ids.count == Self.lineIDs { try emit(goesOn: true, write) }
    written.reach = max(written.reach, line - home)
    guard written.reach <= Self.reachMax else {
      throw PackError(.crowded, "more than \(Self.reachMax * Self.lineIDs) IDs share one place of the index")
    }
    if id == .missing { written.missing = rows + UInt32(ids.count) }
    if id == .unknown { written.unknown = rows + UInt32(ids.count) }
    ids.append(id)
  }

  mutating func finish(_ write: ([UInt8]) throws(PackError) -> Void) throws(PackError) {
    while line < Int(buckets) + Self.reachMax { try emit(goesOn: false, write) }
  }

  private mutating func emit(goesOn: Bool, _ write: ([UInt8]) throws(PackError) -> Void) throws(PackError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.lineBytes)
    for id in ids { bytes.append(little: id) }
    bytes.append(contentsOf: repeatElement(0, count: 8 * Self.lineIDs - bytes.count))
    bytes.append(little: rows)
    bytes.append(little: UInt32(ids.count) | (goesOn ? 1 << 8 : 0))
    try write(bytes)
    rows += UInt32(ids.count)
    ids.removeAll(keepingCapacity: true)
    line += 1
  }
}
