import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining

/// The table that takes the rows, and what it asks of them.
struct ImportTarget {
  let name: TableName
  let space: String
  let kind: IDField.Kind
  /// `nil`: the file decides.
  private(set) var type: DataType?
  private(set) var dimension: Int?
  /// Of a model's table; `nil` for a frozen one.
  private(set) var trained: TrainedTable?

  struct TrainedTable {
    var spec: TableSpec
    /// Sum of ln(share kept) up to now: what a row imported now owes nothing of.
    var decayLog: Double
    /// What an Adagrad accumulator begins with.
    var initialAccumulator: Float
  }

  init(_ snapshot: Snapshot, _ options: ImportOptions) throws(ImportError) {
    let parts = options.table.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    name = TableName(.embedding, options.table)
    guard parts.count == 2, name.isValid else {
      throw ImportError(
        .badTable, "\(options.table.quoted) is no name for a table of vectors: it is NAME/SPACE",
        hint: "SPACE is the ID space of the rows, NAME any name that no model has.")
    }
    space = parts[1]
    let schema = try Self.schema(snapshot)
    let spaces = schema.allIDs.map(\.space)
    guard let field = schema.allIDs.first(where: { $0.space == parts[1] }) else {
      throw ImportError(
        .badTable, "the store's schema has no ID space \(space.quoted)",
        hint: (nearestName(to: space, among: spaces).map { "Did you mean '\($0)'? " } ?? "")
          + "Declare a field of it with: loam schema set STORE FILE")
    }
    kind = field.kind
    type = options.type
    let blobs = try ImportError.passing { () throws(QueryError) in try ModelBlobs(snapshot, model: parts[0]) }
    if options.isTrainable {
      trained = try Self.trained(snapshot, name, parts[0], parts[1], blobs, schema)
      let vector = trained!.spec.column("vector")!
      guard options.type == nil || options.type == vector.type, !options.replaces else {
        throw ImportError(.mismatch, "rows of a model are \(vector.type), and are not replaced as a whole")
      }
      (type, dimension) = (vector.type, vector.width)
      return
    }
    guard blobs == nil else {
      throw ImportError(
        .tableExists, "\(parts[0]) is a model: its tables are not frozen",
        hint: "Choose another name, or set rows of the model with --trainable.")
    }
    guard let found = snapshot.record.tables[name.description], found.rows > 0 else { return }
    guard options.replaces else {
      throw ImportError(
        .tableExists, "the store has a table \(options.table) of \(found.rows) rows",
        hint: "Choose another name, or let it give way with --replace; versions keep the old one.")
    }
  }

  private static func schema(_ snapshot: Snapshot) throws(ImportError) -> Schema {
    guard let text = try ImportError.passing({ () throws(StoreError) in try snapshot.schemaText() }) else {
      throw ImportError(.badTable, "the store has no schema, so no ID space", hint: "Set one: loam schema set")
    }
    return try ImportError.passing { () throws(SchemaError) in try Schema.parse(yaml: text, file: "the schema") }
  }

  private static func trained(
    _ snapshot: Snapshot, _ name: TableName, _ model: String, _ space: String, _ blobs: ModelBlobs?, _ schema: Schema
  ) throws(ImportError) -> TrainedTable {
    guard let blobs, let spec = snapshot.spec(name), spec.column("vector") != nil else {
      let models = snapshot.tables.filter { $0.kind == .embedding }.map(\.name)
      throw ImportError(
        .unknownModel, "version \(snapshot.record.version) has no table \(name.name.quoted) of a model with vectors",
        hint: nearestName(to: name.name, among: models).map { "Did you mean '\($0)'?" }
          ?? "Without --trainable it becomes a frozen table.")
    }
    let decay = try ImportError.passing { () throws(QueryError) in try blobs.decayLog(space: space) }
    let yaml = try ImportError.passing { () throws(QueryError) in try blobs.config() }
    let config = try ImportError.passing { () throws(SchemaError) in
      try ModelConfig(yaml: yaml, file: "the config of \(model)", schema: schema)
    }
    return TrainedTable(
      spec: spec, decayLog: decay ?? 0, initialAccumulator: Float(config.optimizer.tables.initialAccumulator))
  }
}
