import LoamSchema

/// Applies changes to a table within a write, and adds up what they do to its root.
///
/// The sum is its own, made from what the changes say; the structures' writers make theirs from what they store.
final class TableChangeWriter {
  private enum Structure {
    case rows(RowChangeWriter)
    case log(FeatureLogWriter)
    case timeline(TimelineWriter)
    case blobs(BlobWriter)
  }
  let name: TableName
  private let structure: Structure
  /// Added to the root of the base since the last `follow`.
  private(set) var delta: UInt128 = 0
  /// Bytes of changed rows that wait for `flush` in memory.
  private(set) var waitingBytes = 0
  private var blobs: [String: [UInt8]?] = [:]

  init(_ write: Write, _ name: TableName) throws(StoreError) {
    self.name = name
    let spec = write.spec(name)
    switch name.kind {
    case .ids, .embedding, .pairs, .keys, .sketch: structure = .rows(try RowChangeWriter(write, spec))
    case .log: structure = .log(try FeatureLogWriter(write, spec))
    case .timeline: structure = .timeline(try TimelineWriter(write, spec))
    case .model: structure = .blobs(try BlobWriter(write, spec))
    }
  }

  func apply(_ change: TableChange) throws(StoreError) {
    switch (structure, change) {
    case (.rows(let writer), .removed(let gone)): delta &+= try writer.remove(gone)
    case (_, .removed(let gone)):
      throw StoreError(
        .notAllowed,
        "\(name): the newer version lacks \(gone.count) rows of the older one, and rows of a \(name.kind) "
          + "cannot be removed",
        hint: "A revert lies between the two versions: take the newer one whole, with a delta since version 1.")
    case (.rows(let writer), .rows(let rows)):
      delta &+= try writer.apply(rows)
      waitingBytes += rows.columns.reduce(rows.ids.count * 16) { $0 + $1.difference.count }
    case (.log(let writer), .logRows(let group)): try append(group, to: writer)
    case (.log(let writer), .logSources(let sources)): writer.sources = sources
    case (.timeline(let writer), .events(let first, let events)): try append(events, first: first, to: writer)
    case (.blobs(let writer), .blob(let name, let bytes)): try set(name, bytes, in: writer)
    default: throw StoreError(.badBlock, "\(name): a change that belongs to a table of another kind")
    }
  }

  private func append(_ group: RowGroup, to writer: FeatureLogWriter) throws(StoreError) {
    let first = UInt64(writer.rowCount)
    try writer.append(group)
    for (name, column) in group.columns {
      delta &+= LogColumnRoot.sum(name, column, 0..<group.rowCount, first: first)
    }
    delta &+= LogColumnRoot.ofRows(UInt64(writer.rowCount)) &- LogColumnRoot.ofRows(first)
  }

  private func append(_ events: [Event], first: UInt64, to writer: TimelineWriter) throws(StoreError) {
    guard first >= writer.nextArrival else {
      throw StoreError(.mismatch, "\(name): events from number \(first) on, where \(writer.nextArrival) were stored")
    }
    writer.skip(to: first)
    try writer.append(events)
    for (index, event) in events.enumerated() {
      var block = EventBlock(fields: writer.fields.count)
      let bits = writer.fields.enumerated().map { field, spec in
        spec.bits(field < event.values.count ? event.values[field] : nil) ?? spec.missing
      }
      block.append(event, arrival: first + UInt64(index), bits)
      delta &+= block.rowHash(0, writer.fields)
    }
    waitingBytes += events.count * (40 + 24 * writer.fields.count)
  }

  private func set(_ blob: String, _ bytes: [UInt8]?, in writer: BlobWriter) throws(StoreError) {
    let stored = try BlobReader(writer.write.base, name)?.blob(named: blob)
    if let known = blobs[blob] ?? stored { delta &-= BlobDirectory.rowHash(blob, known) }
    if let bytes { delta &+= BlobDirectory.rowHash(blob, bytes) }
    blobs[blob] = .some(bytes)
    if let bytes { writer.set(blob, bytes) } else { writer.remove(blob) }
    waitingBytes += bytes?.count ?? 0
  }

  /// Puts what changed.
  func flush() throws(StoreError) {
    switch structure {
    case .rows(let writer): try writer.table.flush()
    case .log(let writer): try writer.flush()
    case .timeline(let writer): try writer.flush()
    case .blobs(let writer): try writer.flush()
    }
  }

  /// To be called after a publish that goes on.
  func follow() throws(StoreError) {
    if case .rows(let writer) = structure { try writer.table.rebase() }
    (delta, waitingBytes, blobs) = (0, 0, [:])
  }
}
