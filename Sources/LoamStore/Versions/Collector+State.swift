import LMDB
import Synchronization

extension Collector {
  /// The kept versions as the catalog had them, and what they need of a table.
  final class State: Sendable {
    /// Of the catalog.
    let transaction: Int
    /// By number: a record never changes once it is published.
    fileprivate let versions: [UInt64: VersionRecord]
    private let latest: VersionRecord
    /// By table number.
    private let names: [UInt32: String]
    /// Table -> ascending stamps under which kept versions see it, once asked for.
    private let kept = Mutex<[UInt32: [Stamp]]>([:])

    fileprivate init(
      transaction: Int, versions: [UInt64: VersionRecord], latest: VersionRecord, names: [UInt32: String]
    ) {
      (self.transaction, self.versions, self.latest, self.names) = (transaction, versions, latest, names)
    }

    /// The table's stamp in latest: entries above it are unpublished, and left alone.
    func latest(_ table: UInt32) -> Stamp? { names[table].flatMap { latest.tables[$0]?.stamp } }

    /// Whether some kept version sees the newest stamp in `older ..< newer`.
    func needs(_ table: UInt32, _ older: Stamp, before newer: Stamp) -> Bool {
      let stamps = stamps(table)
      var low = 0
      var high = stamps.count
      while low < high {
        let middle = (low + high) / 2
        if stamps[middle] < older { low = middle + 1 } else { high = middle }
      }
      return low < stamps.count && stamps[low] < newer
    }

    private func stamps(_ table: UInt32) -> [Stamp] {
      kept.withLock { kept in
        if let stamps = kept[table] { return stamps }
        let name = names[table] ?? ""
        let stamps = Set(versions.values.compactMap { $0.tables[name]?.stamp }).sorted()
        kept[table] = stamps
        return stamps
      }
    }
  }
}

extension Store {
  /// The kept versions. After a commit only the records that came since are read, and tables counted that are asked for:
  /// what a commit costs does not grow with the versions that are kept.
  func collectorState() throws(StoreError) -> Collector.State {
    let transaction = try lmdb { () throws(LMDBError) in try catalog.environment.usage().lastTransaction }
    let known = collectorStateCache.withLock { $0 }
    if let known, known.transaction == transaction { return known }
    let state = try catalog.read { reading throws(LMDBError) in
      let versions = try reading.records(known?.versions ?? [:], catalog)
      let tables = try reading.values(of: catalog.tables, catalog.decodedTables)
      guard let latest = versions[try reading.number("latest", catalog)] else {
        throw LMDBError(.corrupted, call: "read the latest version", path: reading.environment.path)
      }
      return Collector.State(
        transaction: transaction, versions: versions, latest: latest,
        names: Dictionary(tables.map { ($0.number, $0.name.description) }) { first, _ in first })
    }
    collectorStateCache.withLock { $0 = state }
    return state
  }
}

extension Transaction where Self: ~Copyable {
  /// The record of every kept version, those that are known without reading them.
  fileprivate func records(_ known: [UInt64: VersionRecord], _ catalog: Catalog) throws(LMDBError)
    -> [UInt64: VersionRecord]
  {
    try withCursor(catalog.versions) { cursor throws(LMDBError) in
      var records: [UInt64: VersionRecord] = [:]
      var entry = try cursor.first()
      while let (key, value) = entry {
        guard let number = NumberCodec.decode(key),
          let record = known[number] ?? Catalog.Record<VersionRecord>.decode(value), record.version == number
        else { throw LMDBError(.corrupted, call: "decode \(catalog.versions.name)", path: environment.path) }
        records[number] = record
        entry = try cursor.next()
      }
      return records
    }
  }
}
