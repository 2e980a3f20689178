import LoamSchema
import LoamStore

extension FieldsConfig {
  init(_ mapping: YAMLMapping, schema: Schema) throws(SchemaError) {
    try mapping.refuseUnknownKeys(
      allowed: ["dimension", "minimum_count", "length", "deviation", "only", "exclude", "special", "vectors"])
    standard = try Options(mapping, inheriting: standard)
    deviation = try mapping.double("deviation", in: 0...10) ?? deviation
    let known = schema.ids.map(\.name)
    if let value = mapping.value("only") {
      let names = try Self.names(value, known)
      // The schema's order, so that the order of a list in the config changes no result.
      only = known.filter(names.contains)
    }
    if let value = mapping.value("exclude") { exclude = try Self.names(value, known) }
    if let fields = try mapping.mapping("special") {
      for name in fields.keys {
        let value = try fields.required(name)
        guard known.contains(name) else { throw value.unknown(name, what: "ID field", known: known) }
        let options = try value.mapping()
        try options.refuseUnknownKeys(allowed: ["dimension", "minimum_count", "length", "actions", "ages"])
        var chosen = try Options(options, inheriting: standard)
        chosen.actions = try Self.beside(options.value("actions"), name, schema)
        chosen.ages = try Self.beside(options.value("ages"), name, schema, isNumber: true)
        special[name] = chosen
      }
    }
    if let tables = try mapping.mapping("vectors") {
      let spaces = Set(chosen(schema).map(\.space)).sorted()
      for space in tables.keys {
        let value = try tables.required(space)
        guard spaces.contains(space) else { throw value.unknown(space, what: "ID space of the model", known: spaces) }
        let name = try value.string()
        guard name.hasSuffix("/\(space)"), TableName(.embedding, name).isValid else {
          throw value.refused("must be a table of vectors of the same IDs, NAME/\(space), found '\(name)'")
        }
        vectors[space] = name
      }
    }
  }

  /// The fields that the model reads, in the schema's order.
  func chosen(_ schema: Schema) -> [IDField] {
    let beside = Set(special.values.flatMap(\.beside))
    return schema.ids.filter {
      (only?.contains($0.name) ?? true) && !exclude.contains($0.name) && !beside.contains($0.name)
    }
  }

  /// Fields of one ID space share one table, so they cannot differ in what shapes it.
  func refuseDisagreement(_ schema: Schema, at position: YAMLPosition) throws(SchemaError) {
    var first: [String: IDField] = [:]
    for field in chosen(schema) {
      guard let other = first[field.space] else {
        first[field.space] = field
        continue
      }
      var (mine, others) = (options(field.name), options(other.name))
      (mine.length, others.length) = (0, 0)
      (mine.actions, mine.ages, others.actions, others.ages) = (nil, nil, nil, nil)
      guard mine == others else {
        throw SchemaError(
          .conflictingKey, at: position,
          "the fields '\(other.name)' and '\(field.name)' share the ID space '\(field.space)' and so one table; "
            + "their dimension and minimum_count must be the same")
      }
    }
    guard !first.isEmpty || !schema.dense.isEmpty else {
      throw SchemaError(.badValue, at: position, "the model has no field left to read")
    }
  }

  /// A sequence that says more of the events of another one.
  private static func beside(
    _ value: YAMLValue?, _ name: String, _ schema: Schema, isNumber: Bool = false
  ) throws(SchemaError) -> String? {
    guard let value else { return nil }
    let other = try value.string()
    guard let field = schema.ids.first(where: { $0.name == other }) else {
      throw value.unknown(other, what: "ID field", known: schema.ids.filter { $0.shape == .sequence }.map(\.name))
    }
    let isSequence = schema.ids.contains { $0.name == name && $0.shape == .sequence }
    guard field.shape == .sequence, isSequence, other != name else {
      throw value.refused("names '\(other)' beside '\(name)': both must be sequences, of the same events")
    }
    guard !isNumber || field.kind == .integer else {
      throw value.refused("names '\(other)', whose values are no whole numbers of seconds (kind: integer)")
    }
    return other
  }

  private static func names(_ value: YAMLValue, _ known: [String]) throws(SchemaError) -> [String] {
    let names = try value.strings()
    for name in names where !known.contains(name) { throw value.unknown(name, what: "ID field", known: known) }
    return names
  }
}

extension FieldsConfig.Options {
  init(_ mapping: YAMLMapping, inheriting base: Self) throws(SchemaError) {
    dimension = try mapping.int("dimension", in: 1...4_096) ?? base.dimension
    minimumCount = UInt64(try mapping.int("minimum_count", in: 0...Int.max) ?? Int(base.minimumCount))
    length = try mapping.int("length", in: 1...10_000) ?? base.length
  }
}

extension ShuffleConfig {
  /// `true`, `false` or `{window: ROWS}`.
  init(_ value: YAMLValue) throws(SchemaError) {
    if value.isScalar {
      isOn = try value.bool()
      return
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: ["window"])
    windowRows = try mapping.int("window", in: 1...(1 << 30)) ?? windowRows
  }
}
