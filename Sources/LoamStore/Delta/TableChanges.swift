import LoamSchema

/// Finds what turns a table of an older version of a store into that of a newer one.
struct TableChanges {
  struct Counts: Codable, Sendable, Equatable {
    var inserted: UInt64 = 0
    var changed: UInt64 = 0
    var removed: UInt64 = 0
  }
  let older: Snapshot?
  let newer: Snapshot
  let name: TableName

  /// - Parameter older: `nil`: the whole content of the newer one.
  init(_ older: Snapshot?, _ newer: Snapshot, _ name: TableName) {
    precondition(older.map { $0.store === newer.store } ?? true, "versions of one store")
    self.older = older?.spec(name) == nil ? nil : older
    (self.newer, self.name) = (newer, name)
  }

  /// Hands the pieces over in the order in which they are to be applied.
  func forEach(_ body: (TableChange) throws(StoreError) -> Void) throws(StoreError) -> Counts {
    switch name.kind {
    case .ids, .embedding, .pairs, .keys, .sketch: try forEachRow(body)
    case .log: try forEachLogRow(body)
    case .timeline: try forEachEvent(body)
    case .model: try forEachBlob(body)
    }
  }

  /// Tombstones, some thousand at a time.
  func forEachRemoved(_ removed: [UInt64], _ body: (TableChange) throws(StoreError) -> Void) throws(StoreError) {
    for start in stride(from: 0, to: removed.count, by: 1 << 16) {
      try body(.removed(Array(removed[start..<min(start + 1 << 16, removed.count)])))
    }
  }
}
