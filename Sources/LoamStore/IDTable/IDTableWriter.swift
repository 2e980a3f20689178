import LoamKernels
import LoamSchema

/// Changes a table of rows by ID within a write.
///
/// A block is copied the first time it is changed; gathers and updates then run at memory speed on the copy. Copies are
/// put by `flush`, and before it where they take more memory than `Write.dirtyBytesMax`; nothing is visible before the
/// write is published.
///
/// ```swift
/// let write = try store.begin([spec])
/// let table = try IDTableWriter(write, spec)
/// let row = try table.findOrInsert(4711)
/// let vector = try table.mutableRow(0, row).assumingMemoryBound(to: Float.self)
/// vector[0] += 1
/// try table.flush()
/// let version = try write.publish()
/// ```
///
/// Many rows in one call (`find`, `findOrInsert`, `read`, `update` of buffers) run several times as fast as one at a time.
///
/// One thread at a time, except that rows of different shards may be worked on by different threads.
public final class IDTableWriter {
  public let spec: TableSpec
  public let write: Write
  private(set) var shards: [IDTableShard] = []
  private let indexPlace: IDTableReader.IndexPlace
  let rooms = WriterRooms()
  /// Of the write when the shards were opened.
  private(set) var stamp: Stamp = 0

  /// - Parameter index: where IDs are looked up; `.copied` is for a writer that goes over a large table for long.
  public init(_ write: Write, _ spec: TableSpec, index: IDTableReader.IndexPlace = .mapped) throws(StoreError) {
    self.write = write
    indexPlace = index
    self.spec = write.spec(spec.name)
    try rebase()
  }

  /// Shows what the write's base shows: to be called after a publish that goes on.
  ///
  /// Copies stay where everything was put before the publish, so that rows are changed again at memory speed; they count
  /// as memory of the write (`Write.dirtyBytesMax`). Changes that were not put are dropped.
  public func rebase() throws(StoreError) {
    let known = stamp == write.stamp ? [] : self.shards
    let count = write.base.shardCount
    let (base, copies, spec) = (write.base, write.copies, self.spec)
    let shards = try Parallel.map(count, threads: 0) { (number) throws(StoreError) in
      let shard = try IDTableShard(
        base, spec, number: number, memory: copies, since: number < known.count ? known[number] : nil)
      // Here and where a slot is taken, by one thread a shard: batches of different shards, which threads may work on at
      // once, see the marks of all shards and must not move them.
      for column in shard.columns { column.reserveMarks() }
      return shard
    }
    copies.isTight = false
    IndexCopy.place(indexPlace, shards, after: known)
    try Parallel.forEach(min(count, known.count), threads: 0) { number throws(StoreError) in
      shards[number].takeCopies(of: known[number])
    }
    self.shards = shards
    stamp = write.stamp
  }

  public var rowCount: Int { shards.reduce(0) { $0 + Int($1.meta.rows) } }

  public func rowCount(shard: Int) -> Int { Int(shards[shard].meta.slots) }

  /// Where the row of an ID lies; `.none` where it has none.
  public func find(_ id: ID) throws(StoreError) -> RowReference {
    let hash = loam_mix64(id)
    let shard = Sharding.shard(hash: hash, count: shards.count)
    let slot = try shards[shard].find(id, hash: hash)
    return slot == IndexBlock.absent ? .none : RowReference(shard: shard, slot: slot)
  }

  /// The row of an ID, a new one with initial values where it had none.
  ///
  /// - Parameter string: what the ID is the XXH3-64 of, for the dictionary. Another string with the same ID is refused
  ///   with `hashCollision`, naming both.
  public func findOrInsert(_ id: ID, string: String? = nil) throws(StoreError) -> RowReference {
    guard var string else { return try findOrInsert(id, utf8: nil) }
    // The standard library's withUTF8 keeps no typed error, hence the Result.
    let result = string.withUTF8 { bytes -> Result<RowReference, StoreError> in
      do throws(StoreError) {
        return .success(try findOrInsert(id, utf8: UnsafeRawBufferPointer(bytes)))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// The same with the string's bytes, for parsers.
  public func findOrInsert(_ id: ID, utf8: UnsafeRawBufferPointer?) throws(StoreError) -> RowReference {
    let hash = loam_mix64(id)
    let number = Sharding.shard(hash: hash, count: shards.count)
    let shard = shards[number]
    var slot = try shard.find(id, hash: hash)
    if slot == IndexBlock.absent {
      slot = try shard.insert(id, hash: hash, string: utf8)
    } else if let utf8 {
      try shard.requireSame(utf8, at: slot)
    }
    return RowReference(shard: number, slot: slot)
  }

  /// Takes the row of an ID away; `false`: it has none.
  ///
  /// Its slot goes to the next new ID, of this write or a later one, with initial values in every column. A reference to
  /// it must not be used any more. Versions before keep the row: they have blocks of their own.
  @discardableResult
  public func remove(_ id: ID) throws(StoreError) -> Bool {
    let hash = loam_mix64(id)
    return try shards[Sharding.shard(hash: hash, count: shards.count)].remove(id, hash: hash)
  }

  /// A row as it is stored, `stride` bytes; `nil`: it is the initial one, stored nowhere. Copies nothing.
  func storedRow(_ columnIndex: Int, _ row: RowReference) throws(StoreError) -> UnsafeRawPointer? {
    try shards[row.shard].columns[columnIndex].row(slot(row))
  }

  /// The string that the ID of a row was made from.
  func string(of row: RowReference) throws(StoreError) -> String? { try shards[row.shard].string(slot(row)) }

  /// Position of a column in `spec.columns`.
  public func columnIndex(_ name: String) throws(StoreError) -> Int {
    guard let index = spec.columns.firstIndex(where: { $0.name == name }) else {
      throw StoreError(.unknownColumn, "table \(spec.name) has no column \(name)")
    }
    return index
  }

  @inline(__always)
  private func slot(_ row: RowReference) -> UInt32 {
    precondition(row.slot < shards[row.shard].meta.slots, "a reference of another table or version")
    return row.slot
  }

  /// A row in place, `stride` bytes, valid until the next batched call, `putEarlyIfFull` or `rebase`. After a
  /// `mutableRow` of the same block it may lie elsewhere.
  @inline(__always)
  public func row(_ columnIndex: Int, _ row: RowReference) throws(StoreError) -> UnsafeRawPointer {
    try shards[row.shard].row(columnIndex, slot(row))
  }

  /// A row to be changed in place, `stride` bytes, valid until the next batched call, `putEarlyIfFull` or `rebase`.
  @inline(__always)
  public func mutableRow(_ columnIndex: Int, _ row: RowReference) throws(StoreError) -> UnsafeMutableRawPointer {
    try shards[row.shard].mutableRow(columnIndex, slot(row))
  }

  public func id(of row: RowReference) throws(StoreError) -> ID { try shards[row.shard].id(slot(row)) }
}
