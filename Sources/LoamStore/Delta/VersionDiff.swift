import LoamSchema

/// What differs between two versions of a store.
///
/// Only blocks whose newest stamp differs are read, and of blocks beside them the IDs of the rows that changed.
public struct VersionDiff: Sendable, Codable {
  /// A row whose vector changed.
  public struct Moved: Sendable, Codable, Equatable {
    public var id: ID
    /// L2 of the new vector less the old one.
    public var distance: Double
  }
  public struct Table: Sendable, Codable {
    public var name: TableName
    /// Rows, events or blobs.
    public var inserted: UInt64
    public var changed: UInt64
    public var removed: UInt64
    /// What the blocks of the newer version that differ take in the files.
    public var bytes: Int
    /// Of an embedding table the rows whose vectors moved most, farthest first.
    public var moved: [Moved]
  }
  public var older: UInt64
  public var newer: UInt64
  /// Those with another stamp, sorted by name; a table that was written without a difference counts zero.
  public var tables: [Table] = []

  /// - Parameters:
  ///   - older, newer: versions of one store, in any order of numbers.
  ///   - movedMax: how many rows `moved` lists for each table.
  public init(from older: Snapshot, to newer: Snapshot, movedMax: Int = 10) throws(StoreError) {
    precondition(older.store === newer.store, "versions of one store")
    (self.older, self.newer) = (older.record.version, newer.record.version)
    for name in Set(older.tables).union(newer.tables).sorted() {
      let (old, new) = (older.record.tables[name.description], newer.record.tables[name.description])
      if old?.stamp == new?.stamp { continue }
      guard let spec = newer.spec(name) else {
        tables.append(
          Table(name: name, inserted: 0, changed: 0, removed: old?.rows ?? 0, bytes: 0, moved: []))
        continue
      }
      let base = older.spec(name) == nil ? nil : older
      var moved: [Moved] = []
      let counts: TableChanges.Counts
      switch name.kind {
      case .ids, .embedding, .pairs, .keys, .sketch:
        let difference = try IDTableDifference(base, newer, name)
        moved = try Self.moved(difference, max: movedMax)
        counts = TableChanges.Counts(
          inserted: UInt64(difference.inserted.count), changed: UInt64(difference.changed.count),
          removed: UInt64(difference.removed.count))
      default: counts = try TableChanges(base, newer, name).forEach { _ in }
      }
      tables.append(
        Table(
          name: name, inserted: counts.inserted, changed: counts.changed, removed: counts.removed,
          bytes: try ChangedBlocks.bytes(base, newer, table: spec.number), moved: moved))
    }
  }

  private static func moved(_ difference: IDTableDifference, max count: Int) throws(StoreError) -> [Moved] {
    let table = difference.newer
    guard table.spec.name.kind == .embedding, count > 0, let older = difference.older,
      let index = table.spec.columns.firstIndex(where: { $0.name == "vector" && $0.type == .f32 })
    else { return [] }
    let width = table.spec.columns[index].width
    let vectors = UnsafeMutablePointer<Float>.allocate(capacity: 2 * width)
    defer { vectors.deallocate() }
    var moved: [Moved] = []
    for row in difference.changed {
      try older.read(index, row.older, into: vectors)
      try table.read(index, row.newer, into: vectors + width)
      var sum = 0.0
      for element in 0..<width {
        let step = Double(vectors[width + element]) - Double(vectors[element])
        sum += step * step
      }
      // Other columns of a row may change without its vector; a NaN would have no place in the order.
      if sum > 0 || sum.isNaN { moved.append(Moved(id: row.id, distance: sum.isNaN ? .infinity : sum.squareRoot())) }
    }
    moved.sort { ($1.distance, $0.id) < ($0.distance, $1.id) }
    return Array(moved.prefix(count))
  }
}
