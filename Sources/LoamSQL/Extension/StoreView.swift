import LoamQuery
import LoamSchema
import LoamStore

/// One version of a store as a connection reads it. Readers are made when they are first asked for, and kept.
final class StoreView {
  let snapshot: Snapshot
  let schema: Schema?
  private var tables: [TableName: IDTableReader] = [:]
  private var embeddings: [TableName: EmbeddingReader] = [:]
  private var namings: [String: IDNaming] = [:]
  private var logs: [String: FeatureLogReader] = [:]
  private var timelines: [String: TimelineReader] = [:]
  private var pairs: [String: PairReader] = [:]

  init(_ snapshot: Snapshot) throws(SQLError) {
    self.snapshot = snapshot
    let text = try SQLError.passing { () throws(StoreError) in try snapshot.schemaText() }
    // A schema that this Loam cannot read costs the names of fields, not the store.
    schema = text.flatMap { try? Schema.parse(yaml: $0, file: "schema of \(snapshot.store.path)") }
  }

  /// The tables that can be asked in SQL; blobs of models have no rows.
  /// Of the tables that can be asked.
  static let kinds: Set<TableName.Kind> = [.ids, .log, .timeline, .pairs, .embedding]
  var names: [TableName] { snapshot.tables.filter { Self.kinds.contains($0.kind) } }

  func spec(_ name: TableName) throws(SQLError) -> TableSpec {
    guard let spec = snapshot.spec(name) else { throw unknown(name.description) }
    return spec
  }

  func unknown(_ name: String) -> SQLError {
    let known = names.map(\.description)
    let near = nearestName(to: name, among: known)
    return .sql(
      .unknownTable, "version \(snapshot.record.version) of \(snapshot.store.path) has no table '\(name)'",
      hint: near.map { "Did you mean '\($0)'?" }
        ?? (known.isEmpty ? "It has none at all." : "It has: \(known.joined(separator: ", "))."))
  }

  func table(_ name: TableName) throws(SQLError) -> IDTableReader {
    try kept(name, in: \.tables) { () throws(SQLError) in
      try SQLError.passing { () throws(StoreError) in try IDTableReader(snapshot, name) }
    }
  }

  func embedding(_ name: TableName) throws(SQLError) -> EmbeddingReader {
    let parts = name.name.split(separator: "/").map(String.init)
    return try kept(name, in: \.embeddings) { () throws(SQLError) in
      guard parts.count == 2 else { return nil }
      return try SQLError.passing { () throws(QueryError) in
        try EmbeddingReader(snapshot, model: parts[0], space: parts[1])
      }
    }
  }

  func log(_ name: String) throws(SQLError) -> FeatureLogReader {
    try kept(name, in: \.logs) { () throws(SQLError) in
      try SQLError.passing { () throws(StoreError) in try FeatureLogReader(snapshot, TableName(.log, name)) }
    }
  }

  func timeline(_ name: String) throws(SQLError) -> TimelineReader {
    try kept(name, in: \.timelines) { () throws(SQLError) in
      try SQLError.passing { () throws(StoreError) in try TimelineReader(snapshot, TableName(.timeline, name)) }
    }
  }

  func pairs(_ name: String) throws(SQLError) -> PairReader {
    try kept(name, in: \.pairs) { () throws(SQLError) in
      try SQLError.passing { () throws(StoreError) in try PairReader(snapshot, timeline: name) }
    }
  }

  /// How the IDs of a space are written.
  func naming(space: String) throws(SQLError) -> IDNaming {
    try kept(space, in: \.namings) { () throws(SQLError) in
      let name = TableName(.ids, space)
      let dictionary = snapshot.spec(name) == nil ? nil : try table(name)
      return IDNaming(space: space, isString: schema?.allIDs.first { $0.space == space }?.kind == .string, dictionary)
    }
  }

  /// How the IDs of a field are written.
  func naming(field: String) throws(SQLError) -> IDNaming {
    try naming(space: schema?.allIDs.first { $0.name == field }?.space ?? field)
  }

  private func kept<Key: Hashable & CustomStringConvertible, Value>(
    _ key: Key, in place: ReferenceWritableKeyPath<StoreView, [Key: Value]>, _ make: () throws(SQLError) -> Value?
  ) throws(SQLError) -> Value {
    if let known = self[keyPath: place][key] { return known }
    guard let made = try make() else { throw unknown(key.description) }
    self[keyPath: place][key] = made
    return made
  }
}
