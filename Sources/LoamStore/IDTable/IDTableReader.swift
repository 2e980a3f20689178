import LoamKernels
import LoamSchema

/// Reads a table of rows by ID at one version: an ID space (`ids:`) or an embedding table (`embedding:`).
///
/// ```swift
/// let table = try IDTableReader(snapshot, TableName(.embedding, "ctr/item"))!
/// let row = try table.find(4711)
/// var vector = [Float](repeating: 0, count: 16)
/// try vector.withUnsafeMutableBytes { bytes throws(StoreError) in
///   try table.read("vector", [row], into: bytes.baseAddress!)
/// }
/// ```
///
/// May be used from several threads. Pages are touched, and their checksums compared, when a lookup needs them.
public final class IDTableReader: Sendable {
  public let spec: TableSpec
  public let snapshot: Snapshot
  let shards: [IDTableShard]
  let arrays: LookupArrays

  /// Where lookups read the index.
  public enum IndexPlace: Sendable {
    /// In the store's map: no memory of the process's own.
    case mapped
    /// In huge pages, copied block by block at first touch: faster lookups at random, for about 25 bytes an ID.
    case copied
  }

  /// `nil`: this version does not have the table.
  ///
  /// - Parameter other: a reader of the same table at another version, as a server has it that moves on to a new one. It
  ///   costs what the versions do not share, and what of that the other reader had in use: its blocks are compared and
  ///   their patches found here, so that lookups are as fast at once as they were.
  public init?(
    _ snapshot: Snapshot, _ name: TableName, index: IndexPlace = .mapped, after other: IDTableReader? = nil
  ) throws(StoreError) {
    guard let spec = try snapshot.readableSpec(name) else { return nil }
    (self.snapshot, self.spec) = (snapshot, spec)
    let isSame = other?.snapshot.store === snapshot.store && other?.spec.number == spec.number
    let known = isSame ? other?.shards ?? [] : []
    let shards = try Parallel.map(snapshot.shardCount, threads: 0) { (number) throws(StoreError) in
      try IDTableShard(snapshot, spec, number: number, since: number < known.count ? known[number] : nil)
    }
    IndexCopy.place(index, shards, after: known)
    for (own, other) in zip(shards, known) { own.moveOn(from: other) }
    self.shards = shards
    arrays = LookupArrays(shards)
  }

  public var rowCount: Int { shards.reduce(0) { $0 + Int($1.meta.rows) } }

  /// Whether IDs were made from strings, which the table keeps.
  public var hasStrings: Bool { shards.contains { $0.meta.hasStrings } }

  /// Where the row of an ID lies; `.none` where it has none.
  public func find(_ id: ID) throws(StoreError) -> RowReference {
    try snapshot.requireUsable()
    let hash = loam_mix64(id)
    let shard = Sharding.shard(hash: hash, count: shards.count)
    let slot = try shards[shard].find(id, hash: hash)
    return slot == IndexBlock.absent ? .none : RowReference(shard: shard, slot: slot)
  }

  /// Where the rows of IDs lie. `rows` must be as long as `ids`.
  public func find(_ ids: UnsafeBufferPointer<ID>, into rows: UnsafeMutableBufferPointer<RowReference>)
    throws(StoreError)
  {
    precondition(rows.count == ids.count, "a reference for each ID")
    try snapshot.requireUsable()
    guard let start = ids.baseAddress, let out = rows.baseAddress else { return }
    // A reference is its packed number.
    let references = UnsafeMutableRawPointer(out).assumingMemoryBound(to: UInt64.self)
    let group = LookupGroup()
    for first in stride(from: 0, to: ids.count, by: LookupGroup.count) {
      try find(
        start + first, count: min(LookupGroup.count, ids.count - first), into: references + first, group)
    }
  }

  public func find(_ ids: [ID]) throws(StoreError) -> [RowReference] {
    var rows = [RowReference](repeating: .none, count: ids.count)
    // The standard library's closures keep no typed error, hence the Result.
    let result = ids.withUnsafeBufferPointer { ids in
      rows.withUnsafeMutableBufferPointer { rows -> Result<Void, StoreError> in
        do throws(StoreError) { return .success(try find(ids, into: rows)) } catch { return .failure(error) }
      }
    }
    try result.get()
    return rows
  }

  /// Position of a column in `spec.columns`, for the forms below that take one.
  public func columnIndex(_ name: String) throws(StoreError) -> Int {
    guard let index = spec.columns.firstIndex(where: { $0.name == name }) else {
      throw StoreError(
        .unknownColumn, "table \(spec.name) has no column \(name)",
        hint: "It has: \(spec.columns.map(\.name).joined(separator: ", "))")
    }
    return index
  }

  /// Copies rows one after the other, `stride` bytes each; the row of `.none` is zeros.
  public func read(_ column: String, _ rows: [RowReference], into bytes: UnsafeMutableRawPointer) throws(StoreError) {
    let index = try columnIndex(column)
    // The standard library's closures keep no typed error, hence the Result.
    let result = rows.withUnsafeBufferPointer { rows -> Result<Void, StoreError> in
      do throws(StoreError) { return .success(try read(index, rows, into: bytes)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// The same by position of the column.
  public func read(_ columnIndex: Int, _ rows: UnsafeBufferPointer<RowReference>, into bytes: UnsafeMutableRawPointer)
    throws(StoreError)
  {
    guard let start = rows.baseAddress else { return }
    // A reference is its packed number.
    let references = UnsafeRawPointer(start).assumingMemoryBound(to: UInt64.self)
    let rowBytes = spec.columns[columnIndex].stride
    try forEachGroup(ofRows: UnsafeBufferPointer(start: references, count: rows.count), column: columnIndex) {
      first, count, rows in
      loam_lookup_copy(rows, count, rowBytes, bytes + first * rowBytes)
    }
  }

  /// Copies one row; that of `.none` is zeros.
  @inline(__always)
  public func read(_ columnIndex: Int, _ row: RowReference, into bytes: UnsafeMutableRawPointer) throws(StoreError) {
    try snapshot.requireUsable()
    if row.isNone {
      bytes.initializeMemory(as: UInt8.self, repeating: 0, count: spec.columns[columnIndex].stride)
    } else {
      try shards[row.shard].read(columnIndex, checked(row), into: bytes)
    }
  }

  @inline(__always)
  private func checked(_ row: RowReference) -> UInt32 {
    precondition(row.slot < shards[row.shard].meta.slots, "a reference of another version")
    return row.slot
  }

  /// The ID whose row this is.
  public func id(of row: RowReference) throws(StoreError) -> ID { try shards[row.shard].id(checked(row)) }

  /// The string that the ID was made from; `nil` where it was a number.
  public func string(of row: RowReference) throws(StoreError) -> String? {
    try shards[row.shard].string(checked(row))
  }

  /// Every row, shard by shard in the order of slots: the order of arrival, where no slot was given a second time.
  public func forEachRow(_ body: (RowReference, ID) throws -> Void) throws {
    for shard in shards { try forEachRow(shard: shard.number, body) }
  }

  /// Every row of a shard, in the order of slots.
  public func forEachRow(shard number: Int, _ body: (RowReference, ID) throws -> Void) throws {
    let shard = shards[number]
    let free = try shard.free.set()
    for slot in 0..<shard.meta.slots where !free.contains(slot) {
      try body(RowReference(shard: number, slot: slot), try shard.id(slot))
    }
  }
}
