import LMDB
import LoamSchema

/// The environment that says what is true: versions, names, tables, leases. Its commit is the commit point.
final class Catalog: Sendable {
  typealias Record<Element: Codable> = Checked<JSONCodec<Element>>
  typealias Numbers = Database<TextCodec, Checked<NumberCodec>>

  let environment: Environment
  /// nextVersion, nextStamp, nextTable, latest.
  let state: Numbers
  let versions: Database<NumberCodec, Record<VersionRecord>>
  let tags: Numbers
  let aliases: Numbers
  let tables: Database<TextCodec, Record<TableSpec>>
  /// name -> text: the schema, the retention policy.
  let texts: Database<TextCodec, Checked<TextCodec>>
  /// table name -> the stamp of the write that holds it.
  let leases: Numbers
  let writes: Database<NumberCodec, Record<WriteEntry>>
  let decodedTables = DecodedRecords<TableSpec>()
  let decodedVersions = DecodedRecords<VersionRecord>()

  init(path: String, mapBytes: Int, readOnly: Bool, create: Bool) throws(StoreError) {
    let environment = try lmdb { () throws(LMDBError) in
      try Environment(path: path, options: .init(mapSizeBytes: mapBytes, readOnly: readOnly, create: create))
    }
    self.environment = environment
    func open<K, V>(_ name: String) throws(StoreError) -> Database<K, V> {
      try environment.database(name, create: create, otherwise: .badCatalog, "a catalog")
    }
    state = try open("state")
    versions = try open("versions")
    tags = try open("tags")
    aliases = try open("aliases")
    tables = try open("tables")
    texts = try open("texts")
    leases = try open("leases")
    writes = try open("writes")
  }

  func read<R>(_ body: (borrowing ReadTransaction) throws(LMDBError) -> R) throws(StoreError) -> R {
    try lmdb { () throws(LMDBError) in try environment.read(body) }
  }

  /// One transaction. `body` may refuse by returning a failure, which undoes everything.
  func write<R>(_ body: (borrowing WriteTransaction) throws(LMDBError) -> Result<R, StoreError>) throws(StoreError) -> R
  {
    let refusal = Refusal()
    do throws(LMDBError) {
      return try environment.write { transaction throws(LMDBError) in
        switch try body(transaction) {
        case .success(let value): return value
        case .failure(let error):
          refusal.error = error
          throw LMDBError(.badTransaction, call: "refused", path: environment.path)
        }
      }
    } catch {
      throw refusal.error ?? StoreError(error)
    }
  }

  private final class Refusal { var error: StoreError? }
}

/// Reads and small writes that every catalog transaction is made of.
extension Transaction where Self: ~Copyable {
  func number(_ key: String, _ catalog: Catalog) throws(LMDBError) -> UInt64 {
    guard let number = try get(key, in: catalog.state) else {
      throw LMDBError(.corrupted, call: "read \(key)", path: environment.path)
    }
    return number
  }

  /// The record of latest.
  func latest(_ catalog: Catalog) throws(LMDBError) -> VersionRecord {
    guard let record = try get(number("latest", catalog), in: catalog.versions) else {
      throw LMDBError(.corrupted, call: "read the latest version", path: environment.path)
    }
    return record
  }

  func latestNumber(_ catalog: Catalog) throws(LMDBError) -> UInt64 {
    let number = try number("latest", catalog)
    guard try has(number, in: catalog.versions) else {
      throw LMDBError(.corrupted, call: "read the latest version", path: environment.path)
    }
    return number
  }

  func resolve(_ reference: VersionReference, _ catalog: Catalog) throws(LMDBError) -> UInt64? {
    switch reference {
    // Without a record it is damage, where another version would be unknown.
    case .latest: try latestNumber(catalog)
    case .number(let version): version
    // liblmdb has keys of 1 to 511 bytes.
    case .name(let name) where !TableName.isValid(part: name): nil
    case .name(let name):
      if let version = try get(name, in: catalog.aliases) { version } else { try get(name, in: catalog.tags) }
    }
  }
}

extension WriteTransaction {
  /// The number, given once: the next caller gets the next one, also after a crash.
  borrowing func take(_ key: String, _ catalog: Catalog) throws(LMDBError) -> UInt64 {
    let number = try number(key, catalog)
    try put(number + 1, at: key, in: catalog.state)
    return number
  }
}
