import LMDB

/// What `verify` looked at and found wrong.
public struct VerificationReport: Sendable, Codable, Equatable {
  public var versions: [UInt64] = []
  public var tables = 0
  public var blocks = 0
  /// Stored bytes of these blocks, without headers.
  public var bytes = 0
  /// In words; empty: the store is sound.
  public var problems: [String] = []
  /// What kind of damage the first problem is, and what to do.
  private var first: Damage?

  private struct Damage: Codable, Equatable {
    var reason: String
    var hint: String?
  }

  mutating func add(_ problem: String, _ reason: StoreError.Reason, hint: String? = nil) {
    if first == nil { first = Damage(reason: reason.rawValue, hint: hint) }
    problems.append(problem)
  }

  /// Throws one error that names every problem.
  public func requireSound() throws(StoreError) {
    guard let first, let reason = StoreError.Reason(rawValue: first.reason) else { return }
    throw StoreError(reason, problems.joined(separator: "\n"), hint: first.hint ?? StoreError.restore)
  }
}

extension Store {
  /// Compares every block's checksum, every structure with itself, and every table's content with its root, after the
  /// files' own pages: where these are damaged, nothing else is read.
  ///
  /// - Parameter references: the versions to verify; `nil` for every kept one. Tables that versions share are read once.
  /// - Parameter progress: called with the number of tables behind it.
  /// - Returns: what is wrong, in words. Throws only what keeps it from looking.
  public func verify(_ references: [VersionReference]? = nil, progress: (_ tables: Int) -> Void = { _ in })
    throws(StoreError) -> VerificationReport
  {
    var report = VerificationReport()
    for problem in try pageProblems() { report.add(problem, .badCatalog) }
    guard report.problems.isEmpty else { return report }
    for problem in try checkProtocol() { report.add(problem, .badCatalog) }
    var seen: Set<String> = []
    let wanted: [VersionReference]
    if let references { wanted = references } else { wanted = try versions().map { .number($0.version) } }
    for reference in wanted {
      let snapshot: Snapshot
      do throws(StoreError) {
        snapshot = try self.snapshot(at: reference)
      } catch {
        // Dropped by a writer meanwhile: nothing to say about it.
        if error.reason == .versionDropped || (references == nil && error.reason == .unknownVersion) { continue }
        throw error
      }
      report.versions.append(snapshot.record.version)
      if Root.of(snapshot.record.tables) != snapshot.record.root {
        report.add("version \(snapshot.record.version): its root is not that of its tables", .rootDiffers)
      }
      for name in snapshot.tables {
        let table = snapshot.record.tables[name.description]!
        guard seen.insert("\(name) \(table.stamp) \(table.root)").inserted else { continue }
        report.tables += 1
        do throws(StoreError) {
          let size = try snapshot.verifyBlocks(of: name)
          report.blocks += size.blocks
          report.bytes += size.bytes
          let root = try snapshot.computeRoot(of: name)
          if root != table.root {
            report.add(
              "\(name) in version \(snapshot.record.version): its rows give the root \(root), the record says \(table.root)",
              .rootDiffers, hint: "Restore the store from a backup, or revert to a version that verifies.")
          }
        } catch {
          // A reader that met a busy or full store has found no damage.
          guard error.category == .damaged else { throw error }
          report.add("\(name) in version \(snapshot.record.version): \(error.message)", error.reason, hint: error.hint)
        }
        progress(report.tables)
      }
    }
    return report
  }
}

extension Snapshot {
  /// Compares the checksum of every block of a table; returns how much there is.
  func verifyBlocks(of name: TableName) throws(StoreError) -> StoreStatistics.Size {
    var size = StoreStatistics.Size()
    guard let spec = try readableSpec(name) else { return size }
    for shard in 0..<shardCount {
      for block in try allBlocks(table: spec.number, shard: shard) {
        try verifyOnce(block)
        size.add(block.payload.count)
      }
    }
    return size
  }

  /// The root of a table from its rows, after the structure has checked itself.
  public func computeRoot(of name: TableName) throws(StoreError) -> Root {
    switch name.kind {
    case .ids, .embedding, .pairs, .keys, .sketch:
      guard let reader = try IDTableReader(self, name) else { return Root() }
      try reader.check()
      return try reader.computeRoot()
    case .log:
      guard let reader = try FeatureLogReader(self, name) else { return Root() }
      try reader.check()
      return try reader.computeRoot()
    case .timeline:
      guard let reader = try TimelineReader(self, name) else { return Root() }
      try reader.check()
      return try reader.computeRoot()
    case .model:
      guard let reader = try BlobReader(self, name) else { return Root() }
      try reader.check()
      return try reader.computeRoot()
    }
  }
}
