import FoundationEssentials
import Glibc
import LMDB
import LoamSchema

public struct StoreOptions: Sendable {
  public var shards: Int
  /// Address space reserved for each shard; the file grows as it is written.
  public var shardMapBytes: Int
  public var catalogMapBytes: Int
  /// The text of the first version's schema.
  public var schema: String?
  public init(
    shards: Int = 4, shardMapBytes: Int = 64 << 30, catalogMapBytes: Int = 1 << 30, schema: String? = nil
  ) {
    self.shards = shards
    self.schema = schema
    self.shardMapBytes = shardMapBytes
    self.catalogMapBytes = catalogMapBytes
  }
}

extension Store {
  /// Makes an empty store with version 1 and opens it for writing.
  ///
  /// Built beside and renamed: a crash leaves no store, or a whole one.
  public static func create(at path: String, options: StoreOptions = StoreOptions()) throws(StoreError) -> Store {
    let path = canonical(path)
    guard (1...256).contains(options.shards) else {
      throw StoreError(.notAllowed, "a store has 1 to 256 shards, not \(options.shards)")
    }
    for bytes in [options.shardMapBytes, options.catalogMapBytes]
    where !StoreIdentity.mapBytesRange.contains(bytes) {
      throw StoreError(.notAllowed, "a map of \(bytes) bytes; \(StoreIdentity.mapBytesRange) are possible")
    }
    if let found = try? FileManager.default.contentsOfDirectory(atPath: path), !found.isEmpty {
      throw StoreError(
        .exists, found.contains("loam.json") ? "there is a store at \(path) already" : "\(path) is not empty",
        hint: "Choose another path, or remove the directory.")
    }
    try requirePlace(path)
    let slash = path.lastIndex(of: "/")
    let parent = slash.map { String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let temporary = "\(parent)/.\(name).creating-\(DurableFile.uniqueSuffix)"
    let layout = StoreLayout(root: temporary)
    do throws(StoreError) {
      for directory in [temporary, layout.writers, layout.catalog] + (0..<options.shards).map(layout.shard) {
        guard mkdir(directory, 0o700) == 0 else { throw DurableFile.failure("create", directory) }
      }
      try layout.write(
        StoreIdentity(
          format: StoreIdentity.currentFormat, storeID: UUID().uuidString.lowercased(),
          pageSizeBytes: Int(sysconf(Int32(_SC_PAGESIZE))), shards: options.shards,
          shardMapBytes: options.shardMapBytes, catalogMapBytes: options.catalogMapBytes, lmdb: LMDB.version))
      let store = try Store(at: temporary, for: .write, create: true)
      try store.writeFirstVersion(schema: options.schema)
      store.close()
    } catch {
      _ = try? FileManager.default.removeItem(atPath: temporary)
      throw error
    }
    FailurePoint.reach("create.before-rename")
    guard rename(temporary, path) == 0 else {
      // Another process made one meanwhile.
      let isTaken = errno == ENOTEMPTY || errno == EEXIST
      let error =
        isTaken
        ? StoreError(
          .exists, "there is a store at \(path) already", hint: "Choose another path, or remove the directory.")
        : DurableFile.failure("create", path)
      _ = try? FileManager.default.removeItem(atPath: temporary)
      throw error
    }
    DurableFile.syncDirectory(parent)
    return try open(at: path, for: .write)
  }

  private static func requirePlace(_ path: String) throws(StoreError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
      throw StoreError(.exists, "\(path) is a file, and a store is a directory", hint: "Choose another path.")
    }
    let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard stat(parent, &status) == 0 else {
      throw StoreError(.missing, "there is no directory \(parent)", hint: "Create it: mkdir -p \(parent)")
    }
  }

  private func writeFirstVersion(schema: String?) throws(StoreError) {
    let record = VersionRecord(
      version: 1, parent: nil, time: currentTime(), note: "created", root: Root.of([:]), tables: [:],
      shards: Array(repeating: 0, count: shardCount), schema: schema == nil ? nil : 1, metrics: [:])
    try catalog.write { transaction throws(LMDBError) in
      if let schema { try transaction.put(schema, at: Store.schemaKey(1), in: catalog.texts) }
      try transaction.put(record, at: 1, in: catalog.versions)
      for (key, value) in [("nextVersion", 2), ("nextStamp", 1), ("nextTable", 1), ("latest", 1)] as [(String, UInt64)]
      {
        try transaction.put(value, at: key, in: catalog.state)
      }
      return .success(())
    }
  }
}
