import FoundationEssentials
import Glibc
import LMDB

/// What a restore made.
public struct RestoreReport: Sendable, Codable, Equatable {
  public var storeID: String
  public var latest: UInt64
  public var versions: [UInt64]
  public var bytes: Int
  /// Blocks that were written while the backup was being made and belong to no version of it.
  public var blocksRemoved: Int
}

extension Store {
  /// Makes a store of a backup. The path must be free; the backup stays as it is.
  ///
  /// The files are compared with the backup's checksums while they are copied. The new store has the versions that the
  /// backup held, a store ID of its own, and shards that no other store accepts.
  @discardableResult
  public static func restore(
    _ backup: String, to path: String, progress: (_ file: String) -> Void = { _ in }
  ) throws(StoreError) -> RestoreReport {
    let (backup, path) = (canonical(backup), canonical(path))
    let manifest = try BackupManifest(at: backup)
    guard manifest.store.pageSizeBytes == Int(sysconf(Int32(_SC_PAGESIZE))) else {
      throw StoreError(
        .foreignPageSize,
        "\(backup) was made with pages of \(manifest.store.pageSizeBytes) bytes; this machine has "
          + "\(sysconf(Int32(_SC_PAGESIZE)))", hint: "Restore on a machine with that page size.")
    }
    return try WholeDirectory.make(path, "restore") { directory throws(StoreError) in
      let layout = StoreLayout(root: directory)
      for file in manifest.files {
        progress(file.path)
        try WholeDirectory.makeInside(Disk.parent(of: "\(directory)/\(file.path)"))
        let content = try FileCopy.copy("\(backup)/\(file.path)", to: "\(directory)/\(file.path)")
        guard content == .init(bytes: file.bytes, crc32c: file.crc32c) else {
          throw StoreError(
            .badChecksum,
            "\(backup)/\(file.path) is not what the backup wrote: \(content.bytes) bytes, expected \(file.bytes)",
            hint: "Restore from another backup.")
        }
      }
      var identity = manifest.store
      identity.storeID = UUID().uuidString.lowercased()
      let (latest, floors) = try restoreCatalog(layout, manifest)
      var removed = 0
      for number in 0..<identity.shards {
        removed += try RestoredShard(layout, number, manifest).run(
          floors: floors, lastPut: latest.shards[number], storeHash: hash(identity.storeID))
      }
      try WholeDirectory.makeInside(layout.writers)
      try layout.write(identity)
      try requireSound(directory)
      return RestoreReport(
        storeID: identity.storeID, latest: latest.version, versions: manifest.versions, bytes: manifest.bytes,
        blocksRemoved: removed)
    }
  }

  /// Leaves the held versions, the highest of them as latest, and no write; returns latest and its stamps by table.
  private static func restoreCatalog(_ layout: StoreLayout, _ manifest: BackupManifest) throws(StoreError)
    -> (VersionRecord, [UInt32: Stamp])
  {
    let catalog = try Catalog(
      path: layout.catalog, mapBytes: manifest.store.catalogMapBytes, readOnly: false, create: false)
    defer { catalog.environment.close() }
    return try catalog.write { transaction throws(LMDBError) -> Result<(VersionRecord, [UInt32: Stamp]), StoreError> in
      for (version, _) in try transaction.entries(of: catalog.versions) where !manifest.versions.contains(version) {
        try transaction.delete(version, in: catalog.versions)
      }
      let records = try transaction.entries(of: catalog.versions).map(\.value)
      guard records.map(\.version) == manifest.versions, let latest = records.last else {
        return .failure(StoreError(.badCatalog, "the backup's catalog lacks a version that its manifest names"))
      }
      try transaction.put(latest.version, at: "latest", in: catalog.state)
      for (stamp, _) in try transaction.entries(of: catalog.writes) {
        try transaction.delete(stamp, in: catalog.writes)
      }
      for (name, _) in try transaction.entries(of: catalog.leases) { try transaction.delete(name, in: catalog.leases) }
      // Names as they were when the versions were held: the copied catalog may be a moment younger.
      for (names, wanted) in [(catalog.tags, manifest.tags), (catalog.aliases, manifest.aliases)] {
        for (name, _) in try transaction.entries(of: names) { try transaction.delete(name, in: names) }
        for (name, version) in wanted { try transaction.put(version, at: name, in: names) }
      }
      var floors: [UInt32: Stamp] = [:]
      for (name, spec) in try transaction.entries(of: catalog.tables) {
        floors[spec.number] = latest.tables[name]?.stamp
      }
      return .success((latest, floors))
    }
  }

  private static func requireSound(_ path: String) throws(StoreError) {
    let store = try open(at: path, for: .read)
    defer { store.close() }
    for version in try store.versions() { _ = try store.snapshot(at: .number(version.version)) }
    if let problem = try store.checkProtocol().first {
      throw StoreError(.badCatalog, "the restored store is not sound: \(problem)", hint: "Restore from another backup.")
    }
  }
}

/// A shard of a backup on its way to be one of a new store.
struct RestoredShard {
  private let shard: Shard

  init(_ layout: StoreLayout, _ number: Int, _ manifest: BackupManifest) throws(StoreError) {
    shard = try Shard(
      path: layout.shard(number), number: number, mapBytes: manifest.store.shardMapBytes, readOnly: false,
      create: false)
    try shard.checkIdentity(storeHash: Store.hash(manifest.backupID), shards: manifest.store.shards)
  }

  /// Removes every block and entry above its table's floor: the shard was copied after the catalog, so it has blocks
  /// from the future, whose stamps will be given again. Returns how many.
  func run(floors: [UInt32: Stamp], lastPut: Stamp, storeHash: UInt64) throws(StoreError) -> Int {
    defer { shard.environment.close() }
    let removed =
      try remove(shard.blocks, floors) { BlockKey($0) } + remove(shard.changes, floors) { BlockKey(change: $0) }
    try lmdb { () throws(LMDBError) in
      try shard.environment.write { transaction throws(LMDBError) in
        try transaction.put(storeHash, at: "store", in: shard.identity)
        try transaction.put(lastPut, at: "lastPut", in: shard.identity)
      }
    }
    return removed
  }

  /// Keys looked at in one transaction; bounds its dirty pages.
  private static let keysMax = 16_384

  private func remove(
    _ database: RawDatabase, _ floors: [UInt32: Stamp], _ decode: (UnsafeRawBufferPointer) -> BlockKey?
  ) throws(StoreError) -> Int {
    var removed = 0
    var place: [UInt8]? = []
    while let start = place {
      place = try lmdb { () throws(LMDBError) in
        try shard.environment.write { transaction throws(LMDBError) -> [UInt8]? in
          let (future, next) = try transaction.future(in: database, from: start, max: Self.keysMax, floors, decode)
          for key in future { try transaction.remove(key, shard) }
          removed += future.count
          return next
        }
      }
    }
    return removed
  }
}

extension Transaction where Self: ~Copyable {
  /// Keys above their table's floor among the next `max`, and where to go on; `nil`: that was the end.
  fileprivate func future(
    in database: RawDatabase, from start: [UInt8], max: Int, _ floors: [UInt32: Stamp],
    _ decode: (UnsafeRawBufferPointer) -> BlockKey?
  ) throws(LMDBError) -> ([BlockKey], next: [UInt8]?) {
    try withCursor(database) { cursor throws(LMDBError) in
      var found: [BlockKey] = []
      var entry =
        start.isEmpty
        ? try cursor.first() : try BytesCodec.withBytes(of: start) { bytes throws(LMDBError) in try cursor.seek(bytes) }
      var examined = 0
      while let (bytes, _) = entry {
        if examined == max { return (found, Array(bytes)) }
        if let key = decode(bytes), key.stamp > floors[key.address.table] ?? 0 { found.append(key) }
        examined += 1
        entry = try cursor.next()
      }
      return (found, nil)
    }
  }
}
