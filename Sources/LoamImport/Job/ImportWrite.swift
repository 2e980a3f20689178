import LoamSchema
import LoamStore

/// The open write of an import: rows of the table, and the strings of their IDs.
final class ImportWrite {
  private let write: Write
  private let target: ImportTarget
  private let table: IDTableWriter
  private let dictionary: IDTableWriter?
  private let vector: Int
  private var references: [RowReference] = []
  private var root: UInt128 = 0
  private let salt = RowHash.salt("vector")

  init(_ store: Store, _ target: ImportTarget, _ vectors: CheckedVectors, _ options: ImportOptions) throws(StoreError) {
    self.target = target
    let spec =
      target.trained?.spec
      ?? TableSpec(
        target.name, columns: [ColumnSpec("vector", vectors.type, width: vectors.dimension)],
        attributes: ["space": target.space])
    let strings = target.kind == .string ? TableSpec(TableName(.ids, target.space)) : nil
    write = try store.begin([spec] + (strings.map { [$0] } ?? []))
    if let bytes = options.dirtyBytesMax { write.dirtyBytesMax = bytes }
    do throws(StoreError) {
      table = try IDTableWriter(write, spec)
      let write = write
      dictionary = try strings.map { (spec) throws(StoreError) in try IDTableWriter(write, spec) }
      vector = try table.columnIndex("vector")
      if options.replaces, let reader = try IDTableReader(write.base, spec.name) { try Self.clear(table, reader) }
    } catch {
      write.abandon()
      throw error
    }
  }

  private static func clear(_ table: IDTableWriter, _ reader: IDTableReader) throws(StoreError) {
    for shard in 0..<reader.shardCount {
      for (index, slot) in reader.slots(shard: shard).enumerated() {
        if index % ImportLimits.batchRows == 0 { try table.putEarlyIfFull() }
        if let id = try reader.idInUse(RowReference(shard: shard, slot: slot)) { try table.remove(id) }
      }
    }
  }

  /// Stores the rows of a batch that are kept.
  func add(_ pass: VectorPass) throws(StoreError) {
    let batch = pass.batch
    let ids = pass.kept.map { batch.ids[$0] }
    if references.count < ids.count { references = .init(repeating: .none, count: ids.count) }
    let table = table
    // The standard library's withUnsafe keeps no typed error, hence the Results.
    let found = ids.withUnsafeBufferPointer { ids in
      references.withUnsafeMutableBufferPointer { rows -> Result<Void, StoreError> in
        do throws(StoreError) {
          return .success(try table.findOrInsert(ids, into: UnsafeMutableBufferPointer(rebasing: rows[..<ids.count])))
        } catch { return .failure(error) }
      }
    }
    try found.get()
    for (position, row) in pass.kept.enumerated() {
      let place = try table.mutableRow(vector, references[position])
      root &+= pass.withRow(row) { bytes in
        place.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        return RowHash.of(salt: salt, key: ids[position], payload: bytes)
      }
      try beginAnew(references[position])
    }
    try table.putEarlyIfFull()
    guard let dictionary else { return }
    for row in pass.kept {
      let range = batch.stringRange(row)
      if range.isEmpty { continue }
      let id = batch.ids[row]
      let added = batch.strings.withUnsafeBytes { strings -> Result<Void, StoreError> in
        do throws(StoreError) {
          _ = try dictionary.findOrInsert(id, utf8: UnsafeRawBufferPointer(rebasing: strings[range]))
          return .success(())
        } catch { return .failure(error) }
      }
      try added.get()
    }
    try dictionary.putEarlyIfFull()
  }

  /// A trained row whose vector is another now: its optimizer begins again, and no decay is due.
  private func beginAnew(_ row: RowReference) throws(StoreError) {
    guard let trained = target.trained else { return }
    for (index, column) in table.spec.columns.enumerated() {
      if column.name.hasPrefix("vector.") {
        let state = try table.mutableRow(index, row).assumingMemoryBound(to: Float.self)
        state.update(repeating: column.name == "vector.sum" ? trained.initialAccumulator : 0, count: column.width)
      } else if column.name == "decay" {
        try table.mutableRow(index, row).storeBytes(of: trained.decayLog, as: Double.self)
      }
    }
  }

  func publish(note: String) throws(StoreError) -> (version: UInt64, root: Root) {
    try table.flush()
    try dictionary?.flush()
    return (try write.publish(PublishOptions(note: note)).version, Root(root))
  }

  func abandon() { write.abandon() }
}
