import LMDB

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
      record.time = Clock.now
      record.note = "schema"
      record.metrics = [:]
      try transaction.put(text, at: Store.schemaKey(record.version), in: catalog.texts)
      try transaction.put(record, at: record.version, in: catalog.versions)
      try transaction.put(record.version, at: "latest", in: catalog.state)
      try applyRetention(transaction)
      return .success(record)
    }
  }

  static func schemaKey(_ number: UInt64) -> String { "schema/\(number)" }
}

extension Snapshot {
  /// The schema that this version's rows are read by; `nil` before one was set.
  public func schemaText() throws(StoreError) -> String? {
    guard let number = record.schema else { return nil }
    let catalog = store.catalog
    return try catalog.read { t throws(LMDBError) in try t.get(Store.schemaKey(number), in: catalog.texts) }
  }
}
