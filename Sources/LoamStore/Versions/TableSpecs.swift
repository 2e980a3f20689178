import LMDB
import Synchronization

/// The catalog's tables as a snapshot found them, each decoded when somebody asks for it: a store of hundreds of tables
/// opens as fast as one of a few.
final class TableSpecs: Sendable {
  private let catalog: Catalog
  /// By table name, as they lay in the catalog.
  private let stored: [String: [UInt8]]
  private let record: VersionRecord
  private let known = Mutex(Known())

  private struct Known {
    var specs: [String: TableSpec] = [:]
    /// Table number -> name: two tables must not share one.
    var names: [UInt32: String] = [:]
    var hasAll = false
  }

  init(_ catalog: Catalog, _ stored: [String: [UInt8]], _ record: VersionRecord) {
    (self.catalog, self.stored, self.record) = (catalog, stored, record)
  }

  /// `nil`: the catalog has no such table. Throws where what it says cannot be, or is another table's.
  func spec(_ name: TableName) throws(StoreError) -> TableSpec? {
    let name = name.description
    return try known.withResult { known throws(StoreError) in try decode(name, &known) }
  }

  /// Of a table of this version; `nil` where the version has none of this number.
  func stamp(of number: UInt32) throws(StoreError) -> Stamp? {
    let name = try known.withResult { known throws(StoreError) -> String? in
      if known.names[number] == nil, !known.hasAll {
        for name in stored.keys.sorted() { _ = try decode(name, &known) }
        known.hasAll = true
      }
      return known.names[number]
    }
    return name.flatMap { record.tables[$0]?.stamp }
  }

  private func decode(_ name: String, _ known: inout Known) throws(StoreError) -> TableSpec? {
    if let spec = known.specs[name] { return spec }
    guard let bytes = stored[name] else { return nil }
    let spec = bytes.withUnsafeBytes { catalog.decodedTables.record($0, Catalog.Record<TableSpec>.decode) }
    guard let spec, spec.name.description == name, spec.columns.allSatisfy(\.isValid) else {
      throw StoreError(.badCatalog, "the catalog's description of \(name) cannot be read")
    }
    if let other = known.names[spec.number] {
      throw StoreError(.badCatalog, "the catalog gives \(name) and \(other) the same number, \(spec.number)")
    }
    known.specs[name] = spec
    known.names[spec.number] = name
    return spec
  }
}

extension Mutex where Value: ~Copyable {
  /// `withLock` with a typed error.
  fileprivate borrowing func withResult<R: Sendable, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    let outcome = withLock { value -> Result<R, E> in
      do throws(E) { return .success(try body(&value)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}

extension Transaction where Self: ~Copyable {
  /// Every value by its key, as it is stored.
  func storedValues<V>(of database: Database<TextCodec, V>) throws(LMDBError) -> [String: [UInt8]] {
    try withCursor(database) { cursor throws(LMDBError) in
      var found: [String: [UInt8]] = [:]
      var entry = try cursor.first()
      while let (bytes, value) = entry {
        guard let key = TextCodec.decode(bytes) else {
          throw LMDBError(.corrupted, call: "decode \(database.name)", path: environment.path)
        }
        found[key] = Array(value)
        entry = try cursor.next()
      }
      return found
    }
  }

  /// The record of a version; `nil` where it is not kept.
  func record(_ version: UInt64, _ catalog: Catalog) throws(LMDBError) -> VersionRecord? {
    try NumberCodec.withBytes(of: version) { key throws(LMDBError) in
      guard let value = try self.bytes(at: key, in: catalog.versions) else { return nil }
      guard let record = catalog.decodedVersions.record(value, Catalog.Record<VersionRecord>.decode),
        record.version == version
      else {
        throw LMDBError(.corrupted, call: "decode \(catalog.versions.name)", path: environment.path)
      }
      return record
    }
  }
}
