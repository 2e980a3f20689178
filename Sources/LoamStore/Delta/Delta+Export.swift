import LoamSchema

extension Delta {
  /// Writes what turns `older` into `newer` into a new directory, which appears whole or not at all.
  ///
  /// - Parameters:
  ///   - newer: a version after `older` of the same store.
  ///   - previous: the directory of the delta that ends at `older`: its digest is put into this one, so that a
  ///     receiver sees that nothing lies between.
  /// - Throws: `notAllowed` where `newer` is not after `older`; `mismatch` where `previous` does not end at `older`.
  public static func export(
    from older: Snapshot, to newer: Snapshot, previous: String? = nil, into directory: String
  ) throws(StoreError) -> DeltaManifest {
    let store = newer.store
    precondition(older.store === store, "versions of one store")
    guard older.record.version < newer.record.version else {
      throw StoreError(
        .notAllowed,
        "a delta leads from a version to a later one, not from \(older.record.version) to "
          + "\(newer.record.version)")
    }
    var chain: String?
    if let previous {
      let (manifest, sha256) = try read(previous)
      guard manifest.lineage == store.identity.storeID, manifest.target.version == older.record.version else {
        throw StoreError(
          .mismatch,
          "\(previous) ends at version \(manifest.target.version) of store \(manifest.lineage), "
            + "not at version \(older.record.version) of this one")
      }
      chain = sha256
    }
    let output = try NewDirectory(at: directory)
    var tables: [DeltaManifest.Table] = []
    for name in newer.tables {
      let (old, new) = (older.record.tables[name.description], newer.record.tables[name.description])
      if old?.stamp == new?.stamp { continue }
      let file = DeltaManifest.fileName(tables.count)
      let table = try write(TableChanges(older, newer, name), to: file, in: output.temporary)
      if let table { tables.append(table) }
    }
    let manifest = DeltaManifest(
      lineage: store.identity.storeID, base: .init(older.record), target: .init(newer.record), previous: chain,
      schema: try newer.schemaText(), metrics: newer.record.metrics, tables: tables)
    let bytes = manifest.encoded
    try DurableFile.write(bytes, to: "\(output.temporary)/\(DeltaManifest.fileName)")
    try DurableFile.write(
      sums(ContentDigest.text(of: bytes), tables), to: "\(output.temporary)/\(DeltaManifest.sumsName)")
    try output.publish()
    return manifest
  }

  private static func write(_ changes: TableChanges, to file: String, in directory: String) throws(StoreError)
    -> DeltaManifest.Table?
  {
    guard var spec = changes.newer.spec(changes.name) else { return nil }
    spec.number = 0
    let writer = try DeltaFileWriter("\(directory)/\(file)")
    let counts = try changes.forEach { change throws(StoreError) in try writer.append(change) }
    return DeltaManifest.Table(
      spec: spec, file: file, bytes: writer.bytes, sha256: try writer.finish(), inserted: counts.inserted,
      changed: counts.changed, removed: counts.removed)
  }
}
