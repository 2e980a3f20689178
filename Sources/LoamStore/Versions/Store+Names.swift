import LMDB
import LoamSchema

/// Tags stay with their version; aliases move. They share one set of names.
extension Store {
  public func tags() throws(StoreError) -> [String: UInt64] {
    try catalog.read { t throws(LMDBError) in Dictionary(uniqueKeysWithValues: try t.entries(of: catalog.tags)) }
  }

  public func aliases() throws(StoreError) -> [String: UInt64] {
    try catalog.read { t throws(LMDBError) in Dictionary(uniqueKeysWithValues: try t.entries(of: catalog.aliases)) }
  }

  /// Gives a kept version a name that keeps it. Throws where the name is taken, or the version gone.
  public func tag(_ reference: VersionReference, as name: String) throws(StoreError) {
    try Store.checkVersionName(name)
    try naming(reference) { version, transaction throws(LMDBError) in try setTag(name, version, transaction) }
  }

  /// Points an alias at a kept version: no data moves.
  public func setAlias(_ name: String, to reference: VersionReference) throws(StoreError) {
    try Store.checkVersionName(name)
    try naming(reference) { version, transaction throws(LMDBError) in try setAlias(name, version, transaction) }
  }

  public func untag(_ name: String) throws(StoreError) { try remove(name, catalog.tags, "tag") }
  public func removeAlias(_ name: String) throws(StoreError) { try remove(name, catalog.aliases, "alias") }

  private func naming(
    _ reference: VersionReference,
    _ body: (UInt64, borrowing WriteTransaction) throws(LMDBError) -> StoreError?
  ) throws(StoreError) {
    _ = try requireWritable()
    try catalog.write { transaction throws(LMDBError) -> Result<Void, StoreError> in
      // Looked up inside the transaction: a version found earlier may be collected by now.
      guard let version = try transaction.resolve(reference, catalog),
        try transaction.get(version, in: catalog.versions) != nil
      else { return .failure(StoreError(.unknownVersion, "there is no version \(reference)")) }
      if let error = try body(version, transaction) { return .failure(error) }
      try applyRetention(transaction)
      return .success(())
    }
  }

  private func remove(_ name: String, _ names: Catalog.Numbers, _ what: String) throws(StoreError) {
    _ = try requireWritable()
    try Store.checkVersionName(name)
    let unknown = try unknownName(name)
    try catalog.write { transaction throws(LMDBError) -> Result<Void, StoreError> in
      guard try transaction.delete(name, in: names) else {
        return .failure(StoreError(.unknownName, "there is no \(what) \(name)", hint: unknown.hint))
      }
      try applyRetention(transaction)
      return .success(())
    }
  }

  func setTag(_ name: String, _ version: UInt64, _ transaction: borrowing WriteTransaction) throws(LMDBError)
    -> StoreError?
  {
    if try transaction.get(name, in: catalog.aliases) != nil {
      return StoreError(.exists, "\(name) is an alias", hint: "Choose another name, or remove the alias.")
    }
    if let old = try transaction.get(name, in: catalog.tags), old != version {
      return StoreError(
        .exists, "the tag \(name) names version \(old) already",
        hint: "A tag stays with its version; for a name that moves use: loam versions alias")
    }
    try transaction.put(version, at: name, in: catalog.tags)
    return nil
  }

  func setAlias(_ name: String, _ version: UInt64, _ transaction: borrowing WriteTransaction) throws(LMDBError)
    -> StoreError?
  {
    if try transaction.get(name, in: catalog.tags) != nil {
      return StoreError(.exists, "\(name) is a tag", hint: "Choose another name, or remove the tag.")
    }
    try transaction.put(version, at: name, in: catalog.aliases)
    return nil
  }

  static func checkVersionName(_ name: String) throws(StoreError) {
    guard TableName.isValid(part: name), name != "latest", UInt64(name) == nil else {
      throw StoreError(
        .badName, "\(name) is no name for a version",
        hint: "Use 1 to 128 letters, digits, '_', '.', '-', not only digits, and not 'latest'.")
    }
  }

  func unknownName(_ name: String) throws(StoreError) -> StoreError {
    let names = try catalog.read { t throws(LMDBError) in
      try t.entries(of: catalog.tags).map(\.key) + t.entries(of: catalog.aliases).map(\.key)
    }
    let hint = nearestName(to: name, among: names).map { "Did you mean \($0)?" }
    return StoreError(
      .unknownName, "no version has the tag or alias \(name)", hint: hint ?? "See them with: loam versions list \(path)"
    )
  }

  /// Every kept version, oldest first.
  public func versions() throws(StoreError) -> [VersionRecord] {
    try catalog.read { t throws(LMDBError) in try t.entries(of: catalog.versions).map(\.value) }
  }

  public func retention() throws(StoreError) -> RetentionPolicy {
    try catalog.read { t throws(LMDBError) in try retention(t) }
  }

  /// Also drops what the new policy does not keep.
  public func setRetention(_ policy: RetentionPolicy) throws(StoreError) {
    _ = try requireWritable()
    try catalog.write { transaction throws(LMDBError) in
      try put(policy, transaction)
      try applyRetention(transaction)
      return .success(())
    }
  }
}
