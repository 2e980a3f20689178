import Glibc
import LMDB
import Synchronization

/// One version of a store, all shards at one instant. Immutable; may be used from several threads.
///
/// The pointers of its blocks are valid as long as it lives. It pins pages: a snapshot that is kept for hours makes
/// the files of a busy store grow. One with a maximum age refuses reads past it; `SnapshotSource` renews them.
public final class Snapshot: Sendable {
  public let record: VersionRecord
  /// Kept open: a snapshot's pointers lie in its maps.
  public let store: Store
  let reads: [HeldRead]
  let age: SnapshotAge
  private let specs: TableSpecs
  private let verified = Mutex<Set<UInt>>([])

  /// How often a reader looks again when versions are published under it faster than it can open shards.
  private static let roundsMax = 8
  private static let slotsWaitMicroseconds: UInt32 = 5_000

  public var shardCount: Int { store.shardCount }

  /// protocol.md, section 5: resolve, open every shard, look again.
  init(_ store: Store, _ reference: VersionReference, ageSecondsMax: Double? = nil) throws(StoreError) {
    self.store = store
    // Its pages are pinned from here on.
    age = SnapshotAge(secondsMax: ageSecondsMax)
    let catalog = store.catalog
    var isFull = false
    for _ in 0..<Self.roundsMax {
      // Others may be giving back slots of theirs at this moment.
      if isFull { usleep(Self.slotsWaitMicroseconds) }
      let wanted: VersionRecord? = try catalog.read { transaction throws(LMDBError) in
        guard let number = try transaction.resolve(reference, catalog) else { return nil }
        return try transaction.record(number, catalog)
      }
      guard let wanted else {
        if case .name(let name) = reference { throw try store.unknownName(name) }
        throw StoreError(
          .unknownVersion, "there is no version \(reference)",
          hint: "See the kept ones with: loam versions list \(store.path)")
      }
      FailurePoint.reach("snapshot.resolved")
      guard let opened = try Self.openShards(store) else {
        isFull = true
        continue
      }
      isFull = false
      let again = try catalog.read { transaction throws(LMDBError) in
        (
          try transaction.record(wanted.version, catalog), try transaction.storedValues(of: catalog.tables)
        )
      }
      // Tables decide, not the whole record: a metric that is no number does not equal itself.
      if let found = again.0, found.tables == wanted.tables {
        guard wanted.shards.count == store.shardCount else {
          throw StoreError(.badCatalog, "version \(wanted.version) names \(wanted.shards.count) shards")
        }
        for (shard, read) in zip(store.shards, opened) {
          let lastPut = try lmdb { () throws(LMDBError) in try read.use { t throws(LMDBError) in try t.lastPut(shard) }
          }
          guard lastPut >= wanted.shards[shard.number] else {
            throw StoreError(
              .oldCopy,
              "shard \(shard.number) is an old copy: it ends at stamp \(lastPut), "
                + "version \(wanted.version) needs \(wanted.shards[shard.number])",
              hint: "Restore the whole store from one backup.")
          }
        }
        record = wanted
        reads = opened
        specs = TableSpecs(catalog, again.1, wanted)
        return
      }
      if case .number = reference { break }
    }
    if isFull {
      throw StoreError(
        .readersFull, "all reader slots of a shard of \(store.path) are taken",
        hint: "End snapshots that are not needed any more, in this process or others.")
    }
    throw StoreError(.versionDropped, "version \(reference) was dropped while it was being opened")
  }

  /// A read transaction on each shard; `nil`: the reader slots were taken, and all were given back to try again.
  private static func openShards(_ store: Store) throws(StoreError) -> [HeldRead]? {
    var opened: [HeldRead] = []
    for shard in store.shards {
      do throws(LMDBError) { opened.append(try HeldRead(shard.environment)) } catch {
        guard error.code == .readersFull else { throw StoreError(error) }
        return nil
      }
      FailurePoint.reach("snapshot.shard-opened")
    }
    return opened
  }

  /// The table as the catalog describes it; `nil` where this version does not have it, or where the catalog's description
  /// cannot be read: what reads or copies tables says so (`bad-catalog`).
  public func spec(_ name: TableName) -> TableSpec? { (try? readableSpec(name)) ?? nil }

  func readableSpec(_ name: TableName) throws(StoreError) -> TableSpec? {
    record.tables[name.description] == nil ? nil : try specs.spec(name)
  }

  /// Those of tables that this version has.
  func readableSpecs(_ names: [TableName]) throws(StoreError) -> [TableSpec] {
    var found: [TableSpec] = []
    for name in names { if let spec = try readableSpec(name) { found.append(spec) } }
    return found
  }

  /// The tables of this version, sorted.
  public var tables: [TableName] { record.tables.keys.compactMap { TableName($0) }.sorted() }

  func stamp(of table: UInt32) throws(StoreError) -> Stamp? { try specs.stamp(of: table) }

  /// The block as this version shows it, without patches, its checksum compared at the first touch; `nil` where it has none.
  public func block(_ address: BlockAddress, shard: Int) throws(StoreError) -> Block? {
    guard let block = try newest(address, upTo: nil, shard: shard), block.value.count > BlockHeader.size else {
      return nil
    }
    try verifyOnce(block)
    return block
  }

  /// The newest entry of a block up to a stamp, or as this version has it; a deletion has a header alone.
  func newest(_ address: BlockAddress, upTo stamp: Stamp?, shard: Int) throws(StoreError) -> Block? {
    try requireUsable()
    guard let own = try self.stamp(of: address.table) else { return nil }
    let found = try lmdb { () throws(LMDBError) in
      try reads[shard].use { transaction throws(LMDBError) in
        try transaction.newest(address, upTo: stamp ?? own, in: store.shards[shard])
      }
    }
    return found.map { Block(address: address, stamp: $0.stamp, value: $0.value) }
  }

  /// Every block of a column that this version shows, by ascending number, without touching their pages. Patches lie
  /// beside them: `patchChains`.
  public func blocks(table: UInt32, column: UInt16, shard: Int) throws(StoreError) -> [Block] {
    try listing(table: table, column: column, shard: shard).blocks
  }

  /// The numbers of the columns that have blocks of whatever stamp, ascending.
  func columns(table: UInt32, shard: Int) throws(StoreError) -> [UInt16] {
    try lmdb { () throws(LMDBError) in
      try reads[shard].use { transaction throws(LMDBError) in
        try transaction.withCursor(store.shards[shard].blocks) { cursor throws(LMDBError) in
          var columns: [UInt16] = []
          var next: UInt16? = 0
          while let column = next {
            let start = BlockKey(BlockAddress(table: table, column: column, block: 0), 0)
            let entry = try start.withBytes { bytes throws(LMDBError) in try cursor.seek(bytes) }
            guard let entry, let key = BlockKey(entry.key), key.address.table == table else { break }
            columns.append(key.address.column)
            next = key.address.column == .max ? nil : key.address.column + 1
          }
          return columns
        }
      }
    }
  }

  /// Compares the checksum of a block that this snapshot has not compared yet.
  public func verifyOnce(_ block: Block) throws(StoreError) {
    try requireUsable()
    let place = UInt(bitPattern: block.value.baseAddress)
    if verified.withLock({ $0.contains(place) }) { return }
    try block.verify()
    _ = verified.withLock { $0.insert(place) }
  }
}
