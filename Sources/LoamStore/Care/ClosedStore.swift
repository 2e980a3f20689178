import LMDB

/// A store that no process has open, and that none opens while this lives.
final class ClosedStore {
  let environments: [(name: String, environment: ClosedEnvironment)]
  private let lock: StoreLock

  /// Throws `storeBusy` where some process, this one too, has the store open.
  init(_ layout: StoreLayout, shards: Int) throws(StoreError) {
    lock = try StoreLock(layout, alone: true)
    var environments: [(name: String, environment: ClosedEnvironment)] = []
    for path in [layout.catalog] + (0..<shards).map(layout.shard) {
      let environment = try lmdb { () throws(LMDBError) in try ClosedEnvironment(path: path) }
      guard let environment else {
        throw StoreError(
          .storeBusy, "a process has \(layout.root) open for reading",
          hint: "Close every process that uses the store and repeat; 'loam doctor' names the readers.")
      }
      environments.append((String(path.dropFirst(layout.root.count + 1)), environment))
    }
    self.environments = environments
  }
}
