import LoamSchema
import LoamStore

/// Collects what is wrong with a store instead of stopping at the first damage.
struct StoreCheck {
  private(set) var versions: [UInt64] = []
  private(set) var tables = 0
  private(set) var blocks = 0
  private(set) var bytes = 0
  private(set) var problems: [StoreError] = []
  private let store: Store
  /// Tables that a version shares with one checked before are not checked again.
  private var done: Set<String> = []

  init(_ store: Store) { self.store = store }

  mutating func run(_ snapshot: Snapshot, progress: (Int) -> Void) throws {
    versions.append(snapshot.record.version)
    for name in snapshot.tables {
      guard let recorded = snapshot.record.tables[name.description],
        done.insert("\(name)/\(recorded.stamp)").inserted
      else { continue }
      tables += 1
      do throws(StoreError) {
        try check(name, recorded, snapshot)
      } catch {
        // A reader that met a busy or full store has found no damage: that is an error of this run.
        guard error.category == .damaged else { throw error }
        problems.append(
          StoreError(error.reason, "\(name) at version \(snapshot.record.version): \(error.message)", hint: error.hint))
      }
      progress(tables)
    }
  }

  mutating func checkProtocol() throws {
    problems += try store.checkProtocol().map { StoreError(.badCatalog, $0) }
  }

  /// Throws one error that names every problem.
  func requireSound() throws {
    guard let first = problems.first else { return }
    throw StoreError(first.reason, problems.map(\.message).joined(separator: "\n"), hint: first.hint)
  }

  private mutating func check(_ name: TableName, _ recorded: VersionRecord.Table, _ snapshot: Snapshot)
    throws(StoreError)
  {
    let found = try TableContent(snapshot, name)
    blocks += found.blocks
    bytes += found.bytes
    guard let root = found.root, root != recorded.root else { return }
    throw StoreError(
      .rootDiffers, "the stored rows have the root \(root), the version says \(recorded.root)",
      hint: "Restore the store from a backup, or revert to a version that verifies.")
  }
}

/// The content of one table, checked by the structure that wrote it.
struct TableContent {
  var blocks = 0
  var bytes = 0
  var root: Root?

  init(_ snapshot: Snapshot, _ name: TableName) throws(StoreError) {
    for shard in 0..<snapshot.shardCount {
      for block in try snapshot.everyBlock(of: name, shard: shard) {
        try snapshot.verifyOnce(block)
        blocks += 1
        bytes += block.payload.count
      }
    }
    switch name.kind {
    case .ids, .embedding:
      guard let reader = try IDTableReader(snapshot, name) else { return }
      try reader.check()
      root = try reader.computeRoot()
    case .log:
      guard let reader = try FeatureLogReader(snapshot, name) else { return }
      try reader.check()
      root = try reader.computeRoot()
    case .timeline:
      guard let reader = try TimelineReader(snapshot, name) else { return }
      try reader.check()
      root = try reader.computeRoot()
    case .model:
      guard let reader = try BlobReader(snapshot, name) else { return }
      try reader.check()
      root = try reader.computeRoot()
    }
  }
}
