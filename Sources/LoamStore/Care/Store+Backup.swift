import FoundationEssentials
import Glibc
import LMDB
import LoamSchema

extension Store {
  /// Copies every kept version into a new directory while others read and write (protocol.md, section 8).
  ///
  /// ```
  ///   hold the kept versions ── copy the catalog ── copy the shards, one after the other ── end the hold
  /// ```
  ///
  /// The copy is opened and every block's checksum compared before the directory gets its name. The store must be open
  /// for writing, since holding versions is an entry in its catalog; tables are not leased. The files of a store that is
  /// written meanwhile grow by what is written during the copy.
  ///
  /// Throws `exists`, `diskFull`, and `badChecksum` or `oldCopy` where the store itself is damaged.
  @discardableResult
  public func backup(to path: String, progress: (_ file: String) -> Void = { _ in }) throws(StoreError)
    -> BackupManifest
  {
    let path = Store.canonical(path)
    _ = try requireWritable()
    try requireRoom(for: path)
    return try WholeDirectory.make(path, "backup") { directory throws(StoreError) in
      var manifest = try copyHeld(to: directory, progress)
      try BackedUp(directory, manifest).seal(&manifest)
      try manifest.write(to: directory)
      return manifest
    }
  }

  private func copyHeld(to directory: String, _ progress: (String) -> Void) throws(StoreError) -> BackupManifest {
    let (hold, manifest) = try holdForBackup()
    FailurePoint.reach("backup.held")
    // A hold that cannot be ended now ends with this process.
    defer { try? endHold(hold) }
    let environments = [catalog.environment] + shards.map(\.environment)
    for (environment, file) in zip(environments, BackupManifest.paths(shards: shardCount)) {
      progress(file)
      try WholeDirectory.makeInside(Disk.parent(of: "\(directory)/\(file)"))
      try lmdb { () throws(LMDBError) in try environment.copy(to: "\(directory)/\(file)") }
      FailurePoint.reach("backup.file-copied")
    }
    return manifest
  }

  /// Holds what is kept now, and reads in the same transaction which names it has.
  private func holdForBackup() throws(StoreError) -> (Stamp, BackupManifest) {
    let owner = try requireWritable()
    let found = try catalog.write { transaction throws(LMDBError) in
      let versions = try transaction.entries(of: catalog.versions).map(\.key)
      let stamp = try transaction.take("nextStamp", catalog)
      try transaction.put(
        WriteEntry(owner: owner.token, kind: .hold, tables: [], bases: versions, floors: [:], abandoned: false),
        at: stamp, in: catalog.writes)
      let tags = Dictionary(uniqueKeysWithValues: try transaction.entries(of: catalog.tags))
      let aliases = Dictionary(uniqueKeysWithValues: try transaction.entries(of: catalog.aliases))
      return .success((stamp: stamp, versions: versions, tags: tags, aliases: aliases))
    }
    return (
      found.stamp,
      BackupManifest(
        backupID: UUID().uuidString.lowercased(), time: currentTime(), store: identity, versions: found.versions,
        tags: found.tags, aliases: found.aliases)
    )
  }

  private func requireRoom(for path: String) throws(StoreError) {
    let needed = ([layout.catalog] + (0..<shardCount).map(layout.shard)).reduce(0) {
      $0 + (Disk.size($1 + "/data.mdb") ?? 0)
    }
    guard let free = Disk.space(at: Disk.parent(of: path))?.freeBytes, free < needed else { return }
    throw StoreError(
      .diskFull, "the store has \(needed) bytes, and the disk of \(path) has \(free) left",
      hint: "Free space there, or compact the store first with: loam compact \(self.path)")
  }
}

/// The copies of a backup that is being made.
struct BackedUp {
  private let layout: StoreLayout
  private let directory: String
  private let manifest: BackupManifest

  init(_ directory: String, _ manifest: BackupManifest) {
    layout = StoreLayout(root: directory)
    self.directory = directory
    self.manifest = manifest
  }

  /// Opens the copies, compares what is in them, makes the shards this backup's own, and records the files.
  func seal(_ manifest: inout BackupManifest) throws(StoreError) {
    let lowest = try lastPuts()
    for number in 0..<manifest.store.shards {
      manifest.blocks += try seal(shard: number, lowest: lowest[number])
    }
    for file in BackupManifest.paths(shards: manifest.store.shards) {
      unlink("\(directory)/\(Disk.parent(of: file))/lock.mdb")
      let content = try FileCopy.checksum("\(directory)/\(file)")
      manifest.files.append(.init(path: file, bytes: content.bytes, crc32c: content.crc32c))
    }
  }

  /// For each shard the highest stamp that a held version says was put there.
  private func lastPuts() throws(StoreError) -> [Stamp] {
    let catalog = try Catalog(
      path: layout.catalog, mapBytes: manifest.store.catalogMapBytes, readOnly: true, create: false)
    defer { catalog.environment.close() }
    let records = try catalog.read { transaction throws(LMDBError) in
      try transaction.entries(of: catalog.versions).map(\.value)
    }
    guard Set(manifest.versions).isSubset(of: records.map(\.version)) else {
      throw StoreError(.badCatalog, "the copied catalog lacks a version that was held for it")
    }
    let held = records.filter { manifest.versions.contains($0.version) }
    return (0..<manifest.store.shards).map { shard in held.map { $0.shards[shard] }.max() ?? 0 }
  }

  private func seal(shard number: Int, lowest: Stamp) throws(StoreError) -> Int {
    let shard = try Shard(
      path: layout.shard(number), number: number, mapBytes: manifest.store.shardMapBytes, readOnly: false,
      create: false)
    defer { shard.environment.close() }
    try shard.checkIdentity(storeHash: Store.hash(manifest.store.storeID), shards: manifest.store.shards)
    let blocks = try shard.verifyEveryBlock()
    try lmdb { () throws(LMDBError) in
      try shard.environment.write { transaction throws(LMDBError) in
        try transaction.put(Store.hash(manifest.backupID), at: "store", in: shard.identity)
      }
    }
    let lastPut = try lmdb { () throws(LMDBError) in
      try shard.environment.read { transaction throws(LMDBError) in try transaction.lastPut(shard) }
    }
    guard lastPut >= lowest else {
      throw StoreError(
        .oldCopy, "shard \(number) of the store is an old copy: it ends at stamp \(lastPut), not \(lowest)",
        hint: "Restore the store from an older backup.")
    }
    return blocks
  }
}

extension Shard {
  /// Compares the checksum of every block, whatever version sees it; returns how many there are.
  func verifyEveryBlock() throws(StoreError) -> Int {
    let outcome: Result<Int, StoreError> = try lmdb { () throws(LMDBError) in
      try environment.read { transaction throws(LMDBError) in
        try transaction.withCursor(blocks) { cursor throws(LMDBError) in
          var count = 0
          var entry = try cursor.first()
          while let (bytes, value) = entry {
            guard let key = BlockKey(bytes) else {
              return .failure(StoreError(.badBlock, "\(environment.path): a key of \(bytes.count) bytes is no block's"))
            }
            do throws(StoreError) {
              try Block(address: key.address, stamp: key.stamp, value: value).verify()
            } catch { return .failure(error) }
            count += 1
            entry = try cursor.next()
          }
          return .success(count)
        }
      }
    }
    return try outcome.get()
  }
}
