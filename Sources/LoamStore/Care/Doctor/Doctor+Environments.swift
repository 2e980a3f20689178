import Glibc
import LMDB

extension Doctor {
  private func environments(_ store: Store) -> [(name: String, environment: Environment)] {
    [("catalog", store.catalog.environment)]
      + store.shards.map { (Disk.name(of: $0.environment.path), $0.environment) }
  }

  mutating func examinePages(_ store: Store) throws(StoreError) {
    for problem in try store.pageProblems() {
      add(.damage(.badPages, problem, "Restore the store from a backup; whoever writes to it now makes it worse."))
    }
  }

  /// Who reads, and whom the files wait for.
  mutating func examineReaders(_ store: Store) throws(StoreError) {
    var stale = 0
    var oldest: (lag: Int, process: Int32, name: String)?
    for (name, environment) in environments(store) {
      stale += environment.staleReadersCleared
      let (usage, readers) = try lmdb { () throws(LMDBError) in (try environment.usage(), try environment.readers()) }
      if let reader = readers.first(where: { $0.process != getpid() }) {
        let lag = usage.lastTransaction - reader.transaction
        if lag > oldest?.lag ?? -1 { oldest = (lag, reader.process, name) }
      }
      if usage.readerSlotsUsed * 10 >= usage.readersMax * 9 {
        add(
          .warning(
            .readersNearlyFull, "\(name): \(usage.readerSlotsUsed) of \(usage.readersMax) reader slots are taken",
            "Share one open store and few snapshots in each process.", .busy))
      }
    }
    if stale > 0 { add(.note(.staleReaders, "\(stale) reader slots of dead processes were freed")) }
    guard let oldest else { return }
    let who =
      "the oldest reader is \(RunningProcess(oldest.process)), \(oldest.lag) transactions behind in \(oldest.name)"
    if oldest.lag > options.readerLagMax {
      add(
        .warning(
          .oldReader, who + ": the files grow as long as it keeps its snapshot",
          "Let it take a new snapshot, or end it."))
    } else {
      add(.note(.oldReader, who))
    }
  }

  mutating func examineMaps(_ store: Store) throws(StoreError) {
    var (free, total) = (0, 0)
    for (name, environment) in environments(store) {
      let (usage, freePages) = try lmdb { () throws(LMDBError) in
        (try environment.usage(), try environment.freePages())
      }
      let used = usage.pages * usage.pageSizeBytes
      total += used
      free += freePages * usage.pageSizeBytes
      if Double(used) > options.mapShareMax * Double(usage.mapSizeBytes) {
        add(
          .warning(
            .mapNearlyFull, "\(name) uses \(used) bytes of a map of \(usage.mapSizeBytes)",
            "Close every process of the store once: the next opening for writing enlarges maps that are half full.",
            .noSpace))
      }
    }
    if total > 1 << 20, Double(free) > options.freeShareMax * Double(total) {
      add(
        .warning(
          .garbage, "\(free) of the files' \(total) bytes are free pages",
          "New blocks take them; to give them to the disk: loam compact \(layout.root)"))
    }
  }
}
