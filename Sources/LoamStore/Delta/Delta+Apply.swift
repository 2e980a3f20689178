extension Delta {
  /// Publishes, as one version of `store`, what a delta leads to. The store may have another number of shards.
  ///
  /// - Throws: `mismatch` where the store's latest version has other roots than the delta's base, or the delta is not
  ///   the one that follows the last applied; `missing`, `badChecksum`, `badBlock` where a file is not as it was
  ///   written; `notAllowed` for tombstones; `rootDiffers` where the result is not the delta's target. Nothing is
  ///   published then.
  public static func apply(_ directory: String, to store: Store) throws(StoreError) -> VersionRecord {
    let (manifest, sha256) = try read(directory)
    try requireBase(manifest, try store.snapshot(at: .latest).record)
    try checkFiles(directory, manifest)
    let latest = try store.snapshot()
    let others = try latest.readableSpecs(latest.tables).filter { spec in
      !manifest.tables.contains { $0.spec.name == spec.name }
    }
    // The lease of every table: the version that is published holds nothing but the delta's target.
    let write = try store.begin(manifest.tables.map(\.spec) + others)
    do throws(StoreError) {
      try requireBase(manifest, write.base.record)
      for table in manifest.tables { try apply(table, directory, manifest, write) }
      let note = AppliedDelta(manifest, sha256).note + (manifest.target.note.isEmpty ? "" : "; \(manifest.target.note)")
      // A schema is a version of its own, with the same tables; it comes first, so that the delta is what ends here.
      if let schema = manifest.schema, try store.schemaText() != schema { try store.setSchemaText(schema) }
      return try write.publish(PublishOptions(note: note, metrics: manifest.metrics))
    } catch {
      write.abandon()
      throw error
    }
  }

  private static func apply(
    _ table: DeltaManifest.Table, _ directory: String, _ manifest: DeltaManifest, _ write: Write
  ) throws(StoreError) {
    let name = table.spec.name
    let writer = try TableChangeWriter(write, name)
    try DeltaFile.forEachChange("\(directory)/\(table.file)") { change throws(StoreError) in try writer.apply(change) }
    let base = write.base.record.tables[name.description]?.root.value ?? 0
    let expected = manifest.target.tables[name.description]?.root ?? Root()
    guard Root(base &+ writer.delta) == expected else {
      throw StoreError(
        .rootDiffers,
        "\(name): the delta's changes lead to root \(Root(base &+ writer.delta)), "
          + "its manifest names \(expected)", hint: copyAgain)
    }
    try writer.flush()
  }

  private static func requireBase(_ manifest: DeltaManifest, _ latest: VersionRecord) throws(StoreError) {
    let (base, target) = (manifest.base, manifest.target)
    let applied = AppliedDelta(note: latest.note)
    if latest.content != base.content {
      if latest.content == target.content {
        throw StoreError(
          .mismatch, "version \(latest.version) is what the delta leads to already: there is nothing to apply")
      }
      if let applied, applied.lineage == manifest.lineage {
        throw StoreError(
          .mismatch,
          "the delta leads from version \(base.version) to \(target.version) of its store; this one is at version "
            + "\(applied.target): "
            + (applied.target < base.version ? "a delta between them is missing" : "it was left behind"),
          hint: "Apply the deltas in order, each once: the next one begins at version \(applied.target).")
      }
      let names = Set(latest.content.keys).union(base.content.keys)
      let differing = names.filter { latest.content[$0] != base.content[$0] }.sorted()
      throw StoreError(
        .mismatch,
        "the delta begins at version \(base.version) of its store, and version \(latest.version) of this one differs "
          + "from it in \(differing.joined(separator: ", "))",
        hint: "A delta is applied to a store whose latest version has the content that it begins with.")
    }
    if let applied, let previous = manifest.previous, applied.lineage == manifest.lineage,
      !previous.hasPrefix(applied.digest)
    {
      throw StoreError(
        .mismatch,
        "the delta follows the one with SHA-256 \(previous.prefix(16))…, and the last one applied here has "
          + "\(applied.digest)…", hint: "Apply the deltas of one chain, in order.")
    }
  }
}

/// The delta that a version came from, as its note says it.
struct AppliedDelta: Equatable {
  var base: UInt64
  var target: UInt64
  var lineage: String
  /// The first digits of the manifest's SHA-256.
  var digest: String

  init(_ manifest: DeltaManifest, _ sha256: String) {
    (base, target, lineage) = (manifest.base.version, manifest.target.version, manifest.lineage)
    digest = String(sha256.prefix(16))
  }

  var note: String { "delta \(base) to \(target) of \(lineage), \(digest)" }

  /// `nil` where the version came from something else.
  init?(note: String) {
    let words = note.prefix { $0 != ";" }.split(separator: " ")
    guard words.count == 7, words[0] == "delta", words[2] == "to", words[4] == "of", let base = UInt64(words[1]),
      let target = UInt64(words[3]), words[5].hasSuffix(","), words[6].count == 16
    else { return nil }
    (self.base, self.target) = (base, target)
    (lineage, digest) = (String(words[5].dropLast()), String(words[6]))
  }
}
