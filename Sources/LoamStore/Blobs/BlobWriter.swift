/// Sets and removes named blobs within a write. After a publish that goes on, the writer goes on too.
public final class BlobWriter {
  public let spec: TableSpec
  public let write: Write
  /// What changed since the base; `nil` is a removal.
  private var changes: [String: [UInt8]?] = [:]
  /// Of blobs that an earlier flush of this write put: their numbers stay, and chunks that they lose are deleted.
  private var flushed: [String: BlobDirectory.Entry] = [:]
  private var stamp: Stamp

  public init(_ write: Write, _ spec: TableSpec) throws(StoreError) {
    self.write = write
    self.spec = write.spec(spec.name)
    stamp = write.stamp
  }

  /// A publish has made what was flushed the base's.
  private func followWrite() {
    guard stamp != write.stamp else { return }
    (stamp, changes, flushed) = (write.stamp, [:], [:])
  }

  public func set(_ name: String, _ bytes: [UInt8]) {
    followWrite()
    changes[name] = .some(bytes)
  }

  /// Nothing happens where there is none of that name.
  public func remove(_ name: String) {
    followWrite()
    changes[name] = .some(nil)
  }

  /// Puts what changed since the base. May be repeated before the publish.
  public func flush() throws(StoreError) {
    followWrite()
    let reader = try BlobReader(write.base, spec.name)
    let base = reader?.directory ?? BlobDirectory()
    let batches = (0..<write.base.shardCount).map { _ in BlockBatch() }
    var directory = base
    var delta: UInt128 = 0
    for (name, change) in changes.sorted(by: { $0.key < $1.key }) {
      let old = try reader?.blob(named: name)
      if old == change && flushed[name] == nil { continue }
      if let old { delta &-= BlobDirectory.rowHash(name, old) }
      if let change { delta &+= BlobDirectory.rowHash(name, change) }
      let number = base.entries[name]?.number ?? flushed[name]?.number ?? freeNumber(directory)
      directory.nextNumber = max(directory.nextNumber, number + 1)
      directory.entries[name] = change.map { BlobDirectory.Entry(number: number, bytes: UInt64($0.count)) }
      let batch = batches[Int(number % UInt64(batches.count))]
      let oldBytes = max(old?.count ?? 0, Int(flushed[name]?.bytes ?? 0))
      add(change ?? [], number, oldChunks: BlobDirectory.chunkCount(oldBytes), to: batch)
      flushed[name] = BlobDirectory.Entry(number: number, bytes: UInt64(change?.count ?? 0))
    }
    if directory != base || !flushed.isEmpty {
      batches[0].append(directory.bytes, at: BlobDirectory.address(spec), rows: 1)
    }
    for (shard, batch) in batches.enumerated() { try batch.put(write, shard: shard) }
    write.setRoot(spec.name, delta: delta, rows: UInt64(directory.entries.count))
  }

  private func freeNumber(_ directory: BlobDirectory) -> UInt64 {
    max(directory.nextNumber, (flushed.values.map(\.number).max() ?? 0) + (flushed.isEmpty ? 0 : 1))
  }

  private func add(_ bytes: [UInt8], _ number: UInt64, oldChunks: Int, to batch: BlockBatch) {
    let chunks = BlobDirectory.chunkCount(bytes.count)
    for chunk in 0..<chunks {
      let start = chunk * BlobDirectory.chunkBytes
      let end = min(bytes.count, start + BlobDirectory.chunkBytes)
      batch.append(Array(bytes[start..<end]), at: BlobDirectory.address(spec, number, chunk: chunk), rows: 1)
    }
    guard chunks < oldChunks else { return }
    batch.append((chunks..<oldChunks).map { .deletion(BlobDirectory.address(spec, number, chunk: $0)) })
  }
}
