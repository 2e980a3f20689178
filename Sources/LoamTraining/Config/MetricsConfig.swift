import LoamSchema

/// What an evaluation measures besides the figures of all rows. Fields named here have one value a row.
public struct MetricsConfig: Sendable, Equatable {
  public struct Field: Sendable, Equatable {
    public var name: String
    /// Its ID space, where counts and strings are.
    public var space: String
  }
  /// Rows with the same value of this field are a group: grouped AUC, and with `at` measures of ranking within groups.
  public var group: Field?
  /// HR, NDCG and MRR of the first K rows of each group.
  public var at: [Int] = []
  /// Figures of the rows of each frequent value of these fields.
  public var slices: [Field] = []
  /// So many values of each field, the most frequent of the log; all others are one slice.
  public var sliceValues = 10
  /// Figures by how often the training logs name the row's ID in these fields. `nil`: the field with most IDs.
  public var frequency: [Field]?

  public init() {}
}

extension MetricsConfig {
  /// - Parameter schema: fields must be ID fields of it, of one value a row.
  init(_ mapping: YAMLMapping, schema: Schema) throws(SchemaError) {
    try mapping.refuseUnknownKeys(allowed: ["group", "at", "slices", "slice_values", "frequency"])
    if let value = mapping.value("group") { group = try Self.field(try value.string(), value, schema) }
    if let value = mapping.value("at") {
      for entry in value.isScalar ? [value] : try value.list() {
        let k = try entry.int()
        guard (1...10_000).contains(k) else { throw entry.refused("must hold numbers of 1 to 10000") }
        if !at.contains(k) { at.append(k) }
      }
      guard group != nil else {
        throw mapping.refused("at", "needs 'group': the field whose values say which rows are ranked together")
      }
    }
    if let value = mapping.value("slices") { slices = try Self.fields(value, schema) }
    sliceValues = try mapping.int("slice_values", in: 1...1_000) ?? sliceValues
    guard let value = mapping.value("frequency") else { return }
    if value.isScalar, try value.string() == "auto" { return }
    if value.isScalar, try value.string() == "none" {
      frequency = []
    } else {
      frequency = try Self.fields(value, schema)
    }
  }

  private static func fields(_ value: YAMLValue, _ schema: Schema) throws(SchemaError) -> [Field] {
    var fields: [Field] = []
    for name in try value.strings() { fields.append(try field(name, value, schema)) }
    return fields
  }

  private static func field(_ name: String, _ value: YAMLValue, _ schema: Schema) throws(SchemaError) -> Field {
    guard let field = schema.ids.first(where: { $0.name == name }) else {
      let known = schema.ids.filter { $0.shape == .single }.map(\.name)
      throw value.unknown(name, what: "ID field", known: known)
    }
    guard field.shape == .single else {
      throw value.refused("names '\(name)', a field of several values a row; it takes fields of one value")
    }
    return Field(name: field.name, space: field.space)
  }
}
