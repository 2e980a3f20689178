import LMDB

/// What compacting did to the files.
public struct CompactionReport: Sendable, Codable, Equatable {
  public struct File: Sendable, Codable, Equatable {
    public var name: String
    public var bytesBefore: Int
    public var bytesAfter: Int
  }
  /// Blocks that no kept version saw, removed first.
  public var blocksCollected: Int
  public var files: [File]
}

extension Store {
  /// Gives back to the disk what the files hold for nothing: collects, then copies each environment without its free
  /// pages and puts the copy in its place.
  ///
  /// Needs room for a copy of the largest file. Cut off anywhere, it leaves a whole store, some files of it compacted.
  /// Throws `storeBusy` while another process has the store open, for reading too.
  public static func compact(at path: String, progress: (String) -> Void = { _ in }) throws(StoreError)
    -> CompactionReport
  {
    let layout = StoreLayout(root: canonical(path))
    let shards = try layout.readIdentity().shards
    // Before any work: is the store free?
    _ = try ClosedStore(layout, shards: shards)
    var report = CompactionReport(blocksCollected: try collectAndClose(layout.root), files: [])
    let closed = try ClosedStore(layout, shards: shards)
    for (name, environment) in closed.environments {
      progress(name)
      FailurePoint.reach("compact.file")
      let sizes = try lmdb { () throws(LMDBError) in try environment.compact() }
      report.files.append(.init(name: name, bytesBefore: sizes.bytesBefore, bytesAfter: sizes.bytesAfter))
    }
    return report
  }

  /// In a function of its own, so that the store's locks are free when it returns.
  private static func collectAndClose(_ path: String) throws(StoreError) -> Int {
    let store = try open(at: path, for: .write)
    defer { store.close() }
    return try store.collect()
  }
}
