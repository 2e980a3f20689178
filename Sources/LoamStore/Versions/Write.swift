import LMDB
import LoamSchema
import Synchronization

/// A writer's work from `begin` to `publish` or `abandon`: it owns a stamp and a lease on its tables.
///
/// ```
///   begin ── put ── put ── publish ─▶ version          (goOn: a fresh stamp, base = the new version)
///               └──────── abandon ─▶ nothing
/// ```
///
/// Nothing that it puts is visible before `publish`. Let go without `publish`, it abandons. One thread uses it; `put`
/// alone may be called for different shards at once.
public final class Write {
  public let store: Store
  public private(set) var stamp: Stamp
  /// The version that the write is computed from; kept until the write ends.
  public private(set) var base: Snapshot
  let tables: [TableName]
  private var specs: [TableName: TableSpec]
  private var roots: [TableName: (delta: UInt128, rows: UInt64)] = [:]
  private let shardsPut = Mutex<Set<Int>>([])
  /// Blocks whose put failed and was not repeated: a version without them would have holes.
  private let unput = Mutex<Set<Place>>([])
  private var ended = false
  /// Copies of the blocks that this write has changed, of all its tables.
  let copies = CopyMemory()
  /// LMDB holds a transaction's dirty pages in memory, and spills past 512 MiB with known bugs.
  var transactionBytesMax = Write.transactionBytesMost

  private struct Place: Hashable {
    var shard: Int
    var address: BlockAddress
  }

  init(_ store: Store, stamp: Stamp, base: Snapshot, specs: [TableSpec]) {
    self.store = store
    self.stamp = stamp
    self.base = base
    tables = specs.map(\.name)
    self.specs = Dictionary(uniqueKeysWithValues: specs.map { ($0.name, $0) })
    dirtyBytesMax = Write.dirtyBytesStandard
  }

  deinit { abandon() }

  public func spec(_ name: TableName) -> TableSpec {
    guard let spec = specs[name] else { preconditionFailure("\(name) is not a table of this write") }
    return spec
  }

  /// Puts blocks under this write's stamp, in transactions of at most 64 MiB each. Putting a block again replaces it.
  ///
  /// A failed transaction left nothing behind: the same call may be repeated.
  public func put(_ blocks: [PendingBlock], shard: Int) throws(StoreError) {
    try put(blocks, shard: shard, turns: nil)
  }

  /// - Parameter turns: of which the caller has one; it goes to others while transactions wait for the disk.
  func put(_ blocks: [PendingBlock], shard: Int, turns: Turns?) throws(StoreError) {
    precondition(!ended, "a write that has ended puts nothing")
    _ = try store.requireWritable()
    var start = 0
    while start < blocks.count {
      var end = start
      var bytes = 0
      while end < blocks.count, end == start || bytes + blocks[end].contentBytes <= transactionBytesMax {
        bytes += blocks[end].contentBytes + BlockHeader.size
        end += 1
      }
      do throws(StoreError) {
        try store.shards[shard].requireRoom(for: bytes)
        try putTogether(blocks[start..<end], store.shards[shard], turns)
      } catch {
        unput.withLock { $0.formUnion(blocks[start...].map { Place(shard: shard, address: $0.address) }) }
        // No retry in place after a failure of the system: only a new opening tells what is durable.
        if error.reason == .io { store.failed.withLock { $0 = true } }
        throw error
      }
      unput.withLock { places in
        guard !places.isEmpty else { return }
        for block in blocks[start..<end] { places.remove(Place(shard: shard, address: block.address)) }
      }
      start = end
    }
    if !blocks.isEmpty { _ = shardsPut.withLock { $0.insert(shard) } }
  }

  private func putTogether(_ blocks: ArraySlice<PendingBlock>, _ shard: Shard, _ turns: Turns?) throws(StoreError) {
    let collector = try Collector(store, shard)
    let encoded = blocks.map { ($0, $0.encoded ?? EncodedBlock($0)) }
    var isGiven = false
    defer { if isGiven { turns?.take(first: true) } }
    FailurePoint.reach("put.before-transaction")
    try lmdb { () throws(LMDBError) in
      try shard.environment.write { transaction throws(LMDBError) in
        for (block, encoded) in encoded {
          try transaction.put(block, as: encoded, under: stamp, in: shard)
        }
        if try transaction.lastPut(shard) < stamp { try transaction.put(stamp, at: "lastPut", in: shard.identity) }
        try collector.collect(transaction, blocksMax: 2 * blocks.count + 16)
        FailurePoint.reach("put.before-commit")
        isGiven = true
        turns?.give()
      }
    }
    FailurePoint.reach("put.committed")
  }

  /// What this write's version will show: what it put, or else what its base shows. Decoded.
  public func block(_ address: BlockAddress, shard: Int) throws(StoreError) -> [UInt8]? {
    if let put = try putBlocks.content(address, shard: shard) { return put }
    return try base.block(address, shard: shard)?.content()
  }

  /// Says how a table differs from the base: its root moves by `delta`, and it has `rows` rows now.
  ///
  /// `delta` is the sum of the new rows' hashes less the sum of the old ones', over the final set of changed blocks.
  public func setRoot(_ table: TableName, delta: UInt128, rows: UInt64) { roots[table] = (delta, rows) }

  /// Makes everything that was put one version. The catalog's commit is the commit point.
  @discardableResult
  public func publish(_ options: PublishOptions = PublishOptions()) throws(StoreError) -> VersionRecord {
    precondition(!ended, "a write that has ended publishes nothing")
    let owner = try store.requireWritable()
    let missing = unput.withLock { $0.count }
    guard missing == 0 else {
      throw StoreError(
        .notAllowed, "the put of \(missing) blocks failed and was not repeated: the version would have holes",
        hint: "Repeat the put, or abandon the write.")
    }
    FailurePoint.reach("publish.before-transaction")
    let (record, next) = try store.publish(
      stamp: stamp, owner: owner.token, tables: tables, roots: roots, shardsPut: shardsPut.withLock { $0 },
      options)
    FailurePoint.reach("publish.committed")
    roots = [:]
    shardsPut.withLock { $0 = [] }
    if let next {
      stamp = next
      do throws(StoreError) { base = try Snapshot(store, .number(record.version)) } catch {
        // Computed from the old base, the next roots would be wrong.
        abandon()
        throw StoreError(
          error.reason, "version \(record.version) is published, but its writer cannot go on: \(error.message)",
          hint: error.hint)
      }
    } else {
      ended = true
    }
    return record
  }

  /// Gives everything up. Nothing that was put is ever seen.
  public func abandon() {
    guard !ended else { return }
    ended = true
    // Nothing is undone before a new opening has looked: it may be published.
    if store.failed.withLock({ $0 }) { return }
    // What cannot be cleaned now is cleaned by the next writer: the owner's death or one of the marks tells it to.
    _ = store.givenUp.withLock { $0.insert(stamp) }
    try? store.markAbandoned(stamp)
    try? store.clean(stamp)
  }
}

/// What is published with a version.
public struct PublishOptions: Sendable {
  public var note: String
  /// Names given to the version in the same transaction.
  public var tags: [String]
  /// Aliases moved to the version in the same transaction.
  public var aliases: [String]
  public var metrics: [String: Double]
  /// The writer keeps its lease and goes on from the new version under a fresh stamp.
  public var goOn: Bool
  /// The schema of the version; `nil`: that of latest.
  var schema: UInt64?
  public init(
    note: String = "", tags: [String] = [], aliases: [String] = [], metrics: [String: Double] = [:], goOn: Bool = false
  ) {
    self.note = note
    self.tags = tags
    self.aliases = aliases
    self.metrics = metrics
    self.goOn = goOn
  }
}
