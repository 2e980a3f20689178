import LoamQuery
import LoamSchema
import LoamStore

/// What a run needs besides its config: the definition, the tables, and the version whose logs it reads.
struct RunPlan {
  let config: ModelConfig
  let definition: ModelDefinition
  /// The version whose logs and counts the run reads from beginning to end, whatever is ingested meanwhile.
  let data: Snapshot
  let modelTable: TableSpec
  let embeddings: [TableSpec]
  /// What rows begin with instead of a draw, by ID space.
  let firstVectors: [String: FirstVectors]

  var specs: [TableSpec] { [modelTable] + embeddings }

  init(_ config: ModelConfig, _ schema: Schema, data: Snapshot, definition: ModelDefinition?) throws(TrainingError) {
    self.config = config
    self.data = data
    let made = if let definition { definition } else { try Self.definition(config, schema, data) }
    self.definition = made
    var firstVectors: [String: FirstVectors] = [:]
    for table in made.tables {
      guard let name = config.fields.vectors[table.space] else { continue }
      firstVectors[table.space] = try FirstVectors(data, name, for: table)
    }
    self.firstVectors = firstVectors
    modelTable = TableSpec(TableName(.model, config.name))
    embeddings = made.tables.map {
      EmbeddingLayout.spec(
        $0, model: config.name, optimizer: config.optimizer.tables, deviation: config.fields.deviation,
        seed: config.seed)
    }
  }

  /// The logs as they are in `data`.
  func logs() -> [RunPosition.Log] {
    (config.train + config.validation).compactMap { name in
      data.record.tables["log:\(name)"].map { .init(name: name, root: $0.root.description, rows: $0.rows) }
    }
  }

  private static func definition(_ config: ModelConfig, _ schema: Schema, _ data: Snapshot) throws(TrainingError)
    -> ModelDefinition
  {
    var tables: [TableDefinition] = []
    var fields: [FieldDefinition] = []
    for field in config.fields.chosen(schema) {
      let options = config.fields.options(field.name)
      let known = tables.firstIndex { $0.space == field.space }
      let isSequence = field.shape == .sequence && config.needs.sequences
      fields.append(
        FieldDefinition(
          name: field.name, shape: field.shape, table: known ?? tables.count, length: isSequence ? options.length : 0,
          events: isSequence ? try Self.events(options, schema, data) : nil))
      if known == nil {
        tables.append(
          TableDefinition(
            space: field.space, dimension: config.needs.vectors ? options.dimension : 0,
            hasWeight: config.needs.weights, minimumCount: options.minimumCount))
      }
    }
    var definition = ModelDefinition(
      name: config.name, architecture: config.model, tasks: config.tasks(schema), fields: fields, tables: tables,
      options: config.network.values, seed: config.seed)
    let reader = try TrainingError.query { () throws(QueryError) in
      try FeatureReader(data, logs: config.train, definition: definition)
    }
    for field in schema.dense where config.dense?.contains(field.name) ?? true {
      definition.dense.append(
        try TrainingError.query { () throws(QueryError) in
          try DenseDefinition(field) { (visit) throws(QueryError) in
            try reader.forEachDenseValue(field.name, visit)
          }
        })
    }
    return definition
  }
}
