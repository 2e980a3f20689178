import FoundationEssentials
import Glibc
import LMDB
import LoamKernels
import LoamSchema
import Synchronization

/// A store: a catalog of versions and shards of blocks, in one directory.
///
/// ```swift
/// let store = try Store.open(at: "ads.loam", for: .read)
/// let snapshot = try store.snapshot(at: .name("best"))
/// let items = try IDTableReader(snapshot, TableName(.embedding, "ctr/item"))
/// ```
///
/// A process opens a store once and shares it between threads. Any number of processes read while others write.
public final class Store: Sendable {
  public enum Access: Sendable { case read, write }

  public let path: String
  public let access: Access
  public let identity: StoreIdentity
  let layout: StoreLayout
  let catalog: Catalog
  let shards: [Shard]
  /// Both only where the store is open for writing.
  let owner: Owner?
  private let lock: StoreLock?
  /// Set when the outcome of a commit is unknown: this process writes no more.
  let failed = Mutex(false)
  /// Writes that this process abandoned while the catalog could not be told, as on a full disk.
  let givenUp = Mutex<Set<Stamp>>([])
  let collectors: [Collector.Memory]
  let collectorStateCache = Mutex<Collector.State?>(nil)

  public var shardCount: Int { shards.count }

  init(at path: String, for access: Access, create: Bool) throws(StoreError) {
    layout = StoreLayout(root: path)
    self.path = path
    self.access = access
    var identity = try layout.readIdentity()
    if access == .write {
      lock = try StoreLock(layout, alone: false)
      if mkdir(layout.writers, 0o700) != 0, errno != EEXIST { throw DurableFile.failure("create", layout.writers) }
      owner = try Owner(layout)
      if !create { identity = try MapGrowth.enlargeFull(identity, layout) }
    } else {
      (lock, owner) = (nil, nil)
    }
    self.identity = identity
    let opening = access == .read ? try OpeningLock(layout) : nil
    defer { withExtendedLifetime(opening) {} }
    let readOnly = access == .read
    catalog = try Catalog(
      path: layout.catalog, mapBytes: identity.catalogMapBytes, readOnly: readOnly, create: create)
    // Each is looked through before it is trusted: a good half of the time that opening takes.
    shards = try Parallel.map(identity.shards, threads: create ? 1 : 0) { [layout] (number) throws(StoreError) in
      try Self.shard(number, layout, identity, readOnly: readOnly, create: create)
    }
    try Self.refuseOldCatalog(catalog, shards, isNew: create)
    collectors = shards.map { _ in Collector.Memory() }
  }

  private static func shard(
    _ number: Int, _ layout: StoreLayout, _ identity: StoreIdentity, readOnly: Bool, create: Bool
  ) throws(StoreError) -> Shard {
    guard FileManager.default.fileExists(atPath: layout.shard(number) + "/data.mdb") || create else {
      throw StoreError(
        .oldCopy, "shard \(number) is missing: there is no \(layout.shard(number))/data.mdb",
        hint: "Put the shard back, or restore the store from a backup.")
    }
    let shard = try Shard(
      path: layout.shard(number), number: number, mapBytes: identity.shardMapBytes, readOnly: readOnly, create: create)
    let storeHash = hash(identity.storeID)
    if create {
      try lmdb { () throws(LMDBError) in
        try shard.environment.write { transaction throws(LMDBError) in
          try transaction.put(storeHash, at: "store", in: shard.identity)
          try transaction.put(UInt64(number), at: "shard", in: shard.identity)
          try transaction.put(UInt64(identity.shards), at: "shards", in: shard.identity)
        }
      }
    }
    try shard.checkIdentity(storeHash: storeHash, shards: identity.shards)
    return shard
  }

  /// A stamp is the catalog's before it is a shard's. An old copy of the catalog would give stamps a second time.
  private static func refuseOldCatalog(_ catalog: Catalog, _ shards: [Shard], isNew: Bool) throws(StoreError) {
    if isNew { return }
    var lastPut: Stamp = 0
    // Before the catalog's number, since both rise.
    for shard in shards {
      lastPut = max(
        lastPut,
        try lmdb { () throws(LMDBError) in
          try shard.environment.read { t throws(LMDBError) in try t.lastPut(shard) }
        })
    }
    let nextStamp = try catalog.read { t throws(LMDBError) in try t.number("nextStamp", catalog) }
    guard lastPut < nextStamp else {
      throw StoreError(
        .oldCopy, "the catalog is an old copy: its next stamp is \(nextStamp), and a shard has blocks of \(lastPut)",
        hint: "Restore the whole store from one backup.")
    }
  }

  /// Opens a store. For writing: also finishes what dead writers left, and enlarges maps that are half full.
  public static func open(at path: String, for access: Access) throws(StoreError) -> Store {
    let store = try Store(at: canonical(path), for: access, create: false)
    if access == .write { try store.recover() }
    return store
  }

  /// Ends the store in this process, and the holds that it took. Every snapshot and write of it must have ended.
  public func close() {
    catalog.environment.close()
    for shard in shards { shard.environment.close() }
    owner?.end()
    lock?.end()
  }

  /// - Parameter ageSecondsMax: after so many seconds reads of the snapshot are refused (`snapshot-expired`); `nil`: it
  ///   may be used for as long as it lives, and pins its pages as long. `SnapshotSource` renews them.
  public func snapshot(at reference: VersionReference = .latest, ageSecondsMax: Double? = nil) throws(StoreError)
    -> Snapshot
  {
    try Snapshot(self, reference, ageSecondsMax: ageSecondsMax)
  }

  /// The version that a reference names now; `nil` where it names none.
  func number(of reference: VersionReference) throws(StoreError) -> UInt64? {
    try catalog.read { t throws(LMDBError) in
      guard let number = try t.resolve(reference, catalog), try t.has(number, in: catalog.versions) else { return nil }
      return number
    }
  }

  /// Which shard a row of this ID belongs to.
  public func shard(of id: ID) -> Int { Sharding.shard(of: id, count: shardCount) }

  static func hash(_ storeID: String) -> UInt64 {
    var text = storeID
    return text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
  }

  static func canonical(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  func requireWritable() throws(StoreError) -> Owner {
    guard let owner else { throw StoreError(.readOnly, "\(path) was opened for reading") }
    if failed.withLock({ $0 }) {
      throw StoreError(
        .unknownOutcome, "an earlier commit to \(path) failed with an unknown outcome",
        hint: "Open the store again: it will say whether the version was published.")
    }
    return owner
  }
}
