import LMDB

/// What `verify` looked at and found wrong.
public struct VerificationReport: Sendable, Codable, Equatable {
  public var versions: [UInt64] = []
  public var tables = 0
  public var blocks = 0
  /// In words; empty: the store is sound.
  public var problems: [String] = []
}

extension Store {
  /// Compares every block's checksum, every structure with itself, and every table's content with its root.
  ///
  /// - Parameter references: the versions to verify; `nil` for every kept one. Tables that versions share are read once.
  /// - Returns: what is wrong, in words. Throws only what keeps it from looking.
  public func verify(_ references: [VersionReference]? = nil) throws(StoreError) -> VerificationReport {
    var report = VerificationReport()
    report.problems = try checkProtocol()
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
        report.problems.append("version \(snapshot.record.version): its root is not that of its tables")
      }
      for name in snapshot.tables {
        let table = snapshot.record.tables[name.description]!
        guard seen.insert("\(name) \(table.stamp) \(table.root)").inserted else { continue }
        report.tables += 1
        do throws(StoreError) {
          report.blocks += try snapshot.verifyBlocks(of: name)
          let root = try snapshot.computeRoot(of: name)
          if root != table.root {
            report.problems.append(
              "\(name) in version \(snapshot.record.version): its rows give the root \(root), the record says \(table.root)"
            )
          }
        } catch {
          report.problems.append("\(name) in version \(snapshot.record.version): \(error.message)")
        }
      }
    }
    return report
  }
}

extension Snapshot {
  /// Compares the checksum of every block of a table; returns how many there are.
  func verifyBlocks(of name: TableName) throws(StoreError) -> Int {
    guard let spec = spec(name) else { return 0 }
    var count = 0
    for shard in 0..<shardCount {
      for block in try allBlocks(table: spec.number, shard: shard) {
        try verifyOnce(block)
        count += 1
      }
    }
    return count
  }

  /// The root of a table from its rows, after the structure has checked itself.
  public func computeRoot(of name: TableName) throws(StoreError) -> Root {
    switch name.kind {
    case .ids, .embedding:
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
