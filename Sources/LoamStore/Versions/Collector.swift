import LMDB
import Synchronization

/// Removes blocks that no kept version sees, in bounded pieces inside the shard's own transactions.
///
/// ```
///   a block's stamps     p ────────── s          an entry of `changes` says: at s this block was written
///   kept versions          ·    ·         ·      one of them in [p, s)? then p is needed, else p goes
/// ```
///
/// It judges by a catalog state that was committed and read before the shard transaction began: an older state only
/// collects less (protocol.md, section 6).
struct Collector {
  /// Where the last piece ended. Pieces go round the list: entries that stay needed, as those below a tag, lie at its
  /// head and would otherwise be all that is ever looked at.
  final class Memory: Sendable {
    struct Place: Sendable {
      /// Of the catalog state that this round is judged by.
      var transaction = -1
      /// `nil`: the head of the list.
      var key: BlockKey?
      /// This round began at the head.
      var isWhole = true
      var finished = false
    }
    let place = Mutex(Place())
  }

  private let state: State
  private let shard: Shard
  private let memory: Memory
  private static let examinedMin = 1_024

  init(_ store: Store, _ shard: Shard, _ memory: Memory? = nil) throws(StoreError) {
    state = try store.collectorState()
    self.shard = shard
    self.memory = memory ?? store.collectors[shard.number]
  }

  /// One bounded piece. Returns how many blocks it removed and whether it came to the end of the list.
  @discardableResult
  func collect(_ transaction: borrowing WriteTransaction, blocksMax: Int) throws(LMDBError)
    -> (removed: Int, finished: Bool)
  {
    var place = memory.place.withLock { $0 }
    if place.transaction != state.transaction {
      place = Memory.Place(transaction: state.transaction, key: place.key, isWhole: place.key == nil)
    }
    if place.finished { return (0, true) }
    let examinedMax = max(Self.examinedMin, 4 * blocksMax)
    let keys = try transaction.changes(after: place.key, max: examinedMax, shard)
    var removed = 0
    for key in keys {
      guard removed < blocksMax else { break }
      removed += try collect(key, transaction)
      place.key = key
    }
    if removed < blocksMax && keys.count < examinedMax {
      place.finished = place.isWhole
      (place.key, place.isWhole) = (nil, true)
    }
    memory.place.withLock { [place] in $0 = place }
    return (removed, place.finished)
  }

  private func collect(_ key: BlockKey, _ transaction: borrowing WriteTransaction) throws(LMDBError) -> Int {
    guard let latest = state.latest(key.address.table), key.stamp <= latest, key.stamp > 0 else { return 0 }
    guard let own = try transaction.newest(key.address, upTo: key.stamp, in: shard), own.stamp == key.stamp else {
      try transaction.removeChange(key, shard)
      return 0
    }
    // What a patch stands on is needed as long as it is: until the end of its chain goes, or comes.
    if PatchPack.isPatch(own.value) { return 0 }
    let isDeletion = own.value.count <= BlockHeader.size
    var removed = 0
    while let older = try transaction.newest(key.address, upTo: key.stamp - 1, in: shard) {
      if state.needs(key.address.table, older.stamp, before: key.stamp) { return removed }
      try transaction.remove(BlockKey(key.address, older.stamp), shard)
      removed += 1
    }
    if isDeletion {
      try transaction.remove(key, shard)
      return removed + 1
    }
    try transaction.removeChange(key, shard)
    return removed
  }
}

extension WriteTransaction {
  fileprivate borrowing func removeChange(_ key: BlockKey, _ shard: Shard) throws(LMDBError) {
    try key.withChangeBytes { bytes throws(LMDBError) in _ = try self.delete(at: bytes, in: shard.changes) }
  }

  fileprivate borrowing func changes(after key: BlockKey?, max: Int, _ shard: Shard) throws(LMDBError) -> [BlockKey] {
    try withCursor(shard.changes) { cursor throws(LMDBError) in
      var keys: [BlockKey] = []
      var entry: Cursor.Entry?
      if let key {
        entry = try key.withChangeBytes { bytes throws(LMDBError) in try cursor.seek(bytes) }
        if let found = entry, BlockKey(change: found.key) == key { entry = try cursor.next() }
      } else {
        entry = try cursor.first()
      }
      while keys.count < max, let (bytes, _) = entry, let key = BlockKey(change: bytes) {
        keys.append(key)
        entry = try cursor.next()
      }
      return keys
    }
  }
}

extension Store {
  /// Removes every block that no kept version sees; returns how many. What commits do piece by piece, at once.
  @discardableResult
  public func collect() throws(StoreError) -> Int {
    _ = try requireWritable()
    try recover()
    // Versions grow too old while nobody publishes.
    if try retention().keepSeconds > 0 {
      try catalog.write { transaction throws(LMDBError) in
        try applyRetention(transaction)
        return .success(())
      }
    }
    var total = 0
    for shard in shards {
      var finished = false
      let before = total
      // One state and one round: others who publish meanwhile would begin it anew without end.
      let collector = try Collector(self, shard, Collector.Memory())
      while !finished {
        let piece = try lmdb { () throws(LMDBError) in
          try shard.environment.write { transaction throws(LMDBError) in
            try collector.collect(transaction, blocksMax: 4_096)
          }
        }
        total += piece.removed
        finished = piece.finished
      }
      // So that whoever collects on a full disk can go on writing.
      if total > before { try lmdb { () throws(LMDBError) in try shard.makeFreedPagesReusable() } }
    }
    return total
  }
}
