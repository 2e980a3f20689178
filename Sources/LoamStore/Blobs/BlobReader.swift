/// Reads named blobs of a table at one version: a model's dense tensors, its definition, its effective config.
public final class BlobReader: Sendable {
  public let spec: TableSpec
  public let snapshot: Snapshot
  let directory: BlobDirectory

  /// `nil`: this version does not have the table.
  public init?(_ snapshot: Snapshot, _ name: TableName) throws(StoreError) {
    guard let spec = try snapshot.readableSpec(name) else { return nil }
    self.snapshot = snapshot
    self.spec = spec
    directory = try BlobDirectory(snapshot, spec)
  }

  public func names() -> [String] { directory.entries.keys.sorted() }

  /// The bytes of a blob; `nil` where there is none of that name.
  public func blob(named name: String) throws(StoreError) -> [UInt8]? {
    guard let entry = directory.entries[name] else { return nil }
    var bytes: [UInt8] = []
    let chunkCount = BlobDirectory.chunkCount(Int(entry.bytes))
    for chunk in 0..<chunkCount {
      let shard = Int(entry.number % UInt64(snapshot.shardCount))
      let address = BlobDirectory.address(spec, entry.number, chunk: chunk)
      let expected = min(BlobDirectory.chunkBytes, Int(entry.bytes) - chunk * BlobDirectory.chunkBytes)
      let content = try snapshot.block(address, shard: shard)?.content()
      guard let content, content.count == expected else {
        throw StoreError(
          .badBlock,
          "\(spec.name) blob \(name) chunk \(chunk): expected \(expected) bytes, found \(content?.count ?? 0)")
      }
      bytes += content
    }
    return bytes
  }

  /// The root computed from the stored bytes: equal to the version's, or something is damaged.
  public func computeRoot() throws(StoreError) -> Root {
    var root: UInt128 = 0
    for name in names() { root &+= BlobDirectory.rowHash(name, try blob(named: name) ?? []) }
    return Root(root)
  }

  /// Reads every blob, and refuses chunks that no blob has.
  public func check() throws(StoreError) {
    var known: Set<UInt64> = []
    for (name, entry) in directory.entries {
      _ = try blob(named: name)
      for chunk in 0..<BlobDirectory.chunkCount(Int(entry.bytes)) {
        known.insert(BlobDirectory.address(spec, entry.number, chunk: chunk).block)
      }
    }
    for shard in 0..<snapshot.shardCount {
      for block in try snapshot.blocks(table: spec.number, column: BlobDirectory.chunks, shard: shard)
      where !known.contains(block.address.block) {
        throw StoreError(.badBlock, "\(spec.name) shard \(shard) \(block.address): no blob has this chunk")
      }
    }
  }
}
