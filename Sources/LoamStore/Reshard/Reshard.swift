/// Writes the content of a store into a new one with another number of shards.
///
/// Rows go by ID, as in a delta that begins with nothing. The new store has an ID of its own, and its versions the
/// roots, notes and metrics of those they were read from.
public enum Reshard {
  public struct Copied: Sendable, Codable, Equatable {
    public var from: UInt64
    public var to: UInt64
    public var root: Root
    public var tags: [String]
  }
  /// Changed rows that may wait in memory, of one table.
  static let waitingBytesMax = 256 << 20

  /// Makes the new store, which appears whole or not at all.
  ///
  /// - Parameters:
  ///   - reference: the version to copy.
  ///   - withTags: also every tagged version before it, oldest first, under its tags.
  /// - Throws: `notAllowed` where a later version lacks rows of an earlier one that is copied; `rootDiffers` where the
  ///   copy is not equal, which means that the store read from is damaged.
  public static func copy(
    _ store: Store, at reference: VersionReference = .latest, withTags: Bool = false, to path: String,
    options: StoreOptions
  ) throws(StoreError) -> [Copied] {
    let last = try store.snapshot(at: reference)
    let tags = withTags ? try store.tags().filter { $0.value <= last.record.version } : [:]
    let output = try NewDirectory(at: path, make: false)
    let copied = try fill(output.temporary, from: store, last, tags, options)
    try output.publish()
    return copied
  }

  /// The new store is closed, and its owner's file gone, when this returns.
  private static func fill(
    _ path: String, from store: Store, _ last: Snapshot, _ tags: [String: UInt64], _ options: StoreOptions
  ) throws(StoreError) -> [Copied] {
    let versions = Set(tags.values).union([last.record.version]).sorted()
    var options = options
    options.schema = try store.snapshot(at: .number(versions[0])).schemaText()
    let target = try Store.create(at: path, options: options)
    defer { target.close() }
    // What is published only because memory was full is dropped again.
    try target.setRetention(RetentionPolicy(keepLast: 2))
    var copied: [Copied] = []
    var previous: Snapshot?
    for version in versions {
      let source = version == last.record.version ? last : try store.snapshot(at: .number(version))
      let names = tags.filter { $0.value == version }.keys.sorted()
      let record = try copy(from: previous, source, to: target, tags: names)
      copied.append(Copied(from: version, to: record.version, root: record.root, tags: names))
      previous = source
    }
    try target.setRetention(try store.retention())
    return copied
  }

  private static func copy(from previous: Snapshot?, _ source: Snapshot, to target: Store, tags: [String])
    throws(StoreError) -> VersionRecord
  {
    let specs = try source.readableSpecs(source.tables)
    let write = try target.begin(specs)
    for spec in specs {
      let old = previous?.record.tables[spec.name.description]
      if let old, old.stamp == source.record.tables[spec.name.description]?.stamp { continue }
      try copy(TableChanges(previous, source, spec.name), write)
    }
    if let schema = try source.schemaText(), try target.schemaText() != schema { try target.setSchemaText(schema) }
    let record = try write.publish(
      PublishOptions(note: source.record.note, tags: tags, metrics: source.record.metrics))
    guard record.content == source.record.content else {
      let names = Set(record.content.keys).union(source.record.content.keys)
      let differing = names.filter { record.content[$0] != source.record.content[$0] }.sorted()
      throw StoreError(
        .rootDiffers,
        "version \(source.record.version) has other roots than its rows in \(differing.joined(separator: ", "))",
        hint: "Run loam verify \(source.store.path).")
    }
    return record
  }

  /// In versions of its own as memory fills: nobody sees the new store before it is whole.
  private static func copy(_ changes: TableChanges, _ write: Write) throws(StoreError) {
    let writer = try TableChangeWriter(write, changes.name)
    _ = try changes.forEach { change throws(StoreError) in
      try writer.apply(change)
      guard writer.waitingBytes > waitingBytesMax else { return }
      try writer.flush()
      try write.publish(PublishOptions(goOn: true))
      try writer.follow()
    }
    try writer.flush()
  }
}
