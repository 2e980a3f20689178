import LMDB
import LoamSchema

/// Schemas: texts that versions name. Another schema is a new version; older versions keep theirs.
extension Store {
  /// The schema of the latest version; `nil` before one was set.
  public func schemaText() throws(StoreError) -> String? {
    try catalog.read { t throws(LMDBError) in
      guard let number = try t.latest(catalog).schema else { return nil }
      return try t.get(Store.schemaKey(number), in: catalog.texts)
    }
  }

  /// Publishes a version that differs from latest in its schema alone.
  @discardableResult
  public func setSchemaText(_ text: String) throws(StoreError) -> VersionRecord {
    _ = try requireWritable()
    return try catalog.write { transaction throws(LMDBError) -> Result<VersionRecord, StoreError> in
      var record = try transaction.latest(catalog)
      record.parent = record.version
      record.version = try transaction.take("nextVersion", catalog)
      record.schema = record.version
      record.time = currentTime()
      record.note = "schema"
      record.metrics = [:]
      try transaction.put(text, at: Store.schemaKey(record.version), in: catalog.texts)
      try transaction.put(record, at: record.version, in: catalog.versions)
      try transaction.put(record.version, at: "latest", in: catalog.state)
      try applyRetention(transaction)
      return .success(record)
    }
  }

  private static let schemaPrefix = "schema/"
  static func schemaKey(_ number: UInt64) -> String { "\(schemaPrefix)\(number)" }

  /// Deletes the texts that no version names any more.
  func removeUnusedSchemas(_ transaction: borrowing WriteTransaction) throws(LMDBError) {
    let stored = try transaction.withCursor(catalog.texts) { cursor throws(LMDBError) in
      try TextCodec.withBytes(of: Store.schemaPrefix) { prefix throws(LMDBError) in
        var keys: [String] = []
        var entry = try cursor.seek(prefix)
        while let (bytes, _) = entry, let key = TextCodec.decode(bytes), key.hasPrefix(Store.schemaPrefix) {
          keys.append(key)
          entry = try cursor.next()
        }
        return keys
      }
    }
    // Nearly always the one of latest: the other records are not worth decoding then.
    guard stored.count > 1 else { return }
    let used = Set(try transaction.entries(of: catalog.versions).compactMap { $0.value.schema.map(Store.schemaKey) })
    for key in stored where !used.contains(key) { try transaction.delete(key, in: catalog.texts) }
  }
}

extension Snapshot {
  /// The schema that this version's rows are read by; `nil` before one was set.
  public func schemaText() throws(StoreError) -> String? {
    guard let number = record.schema else { return nil }
    let catalog = store.catalog
    let text = try catalog.read { t throws(LMDBError) in try t.get(Store.schemaKey(number), in: catalog.texts) }
    guard let text else {
      throw StoreError(
        .versionDropped, "version \(record.version) was dropped while it was being read, and its schema with it",
        hint: "Read a version that is kept; a tag keeps one.")
    }
    return text
  }
}
