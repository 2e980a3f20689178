import Glibc
import LMDB
import LoamSchema

extension Doctor {
  /// Snapshots that are older than readers should keep them.
  ///
  /// A reader's slot has a transaction and no time. A version says which transactions its shards had come to: a reader of
  /// an older one began before the version was published.
  mutating func examineReaderAges(_ store: Store) throws(StoreError) {
    let versions = try store.versions()
    let now = currentTime()
    var oldest: [Int32: (seconds: Double, version: UInt64)] = [:]
    for shard in store.shards {
      let readers = try lmdb { () throws(LMDBError) in try shard.environment.readers() }
      for reader in readers where reader.process != getpid() {
        guard let version = Self.firstAfter(reader.transaction, shard.number, versions) else { continue }
        let seconds = Double(now - version.time) / 1e6
        if seconds > oldest[reader.process]?.seconds ?? 0 { oldest[reader.process] = (seconds, version.version) }
      }
    }
    for (process, reader) in oldest.sorted(by: { $0.key < $1.key }) where reader.seconds > options.readerAgeSecondsMax {
      add(
        .warning(
          .agedReader,
          "\(RunningProcess(process)) reads a snapshot from before version \(reader.version), so for at least "
            + "\(Int(reader.seconds)) s: what it answers is as old, and the files grow",
          "Let it take its snapshots from a SnapshotSource, or give them a maximum age; or end it."))
    }
  }

  /// The first version that was published after a shard had gone past a transaction. Copies of a file may count anew, so
  /// only versions count since whose time the numbers have risen.
  private static func firstAfter(_ transaction: Int, _ shard: Int, _ versions: [VersionRecord]) -> VersionRecord? {
    var found: VersionRecord?
    var next = Int.max
    for version in versions.reversed() {
      guard let own = version.transactions, own.indices.contains(shard), own[shard] <= next else { break }
      next = own[shard]
      if next > transaction { found = version }
    }
    return found
  }
}
