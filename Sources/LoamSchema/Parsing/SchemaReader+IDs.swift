extension SchemaReader {
  static let valuesOfFieldMax = 65_535

  /// `site`, `c1..c26`, `{name: user, kind: integer}` or `{each: [c1..c26], kind: integer}`.
  mutating func readID(_ value: YAMLValue) throws(SchemaError) {
    guard !value.isScalar else {
      for name in try value.names() { try addID(IDField(name: name), at: value) }
      return
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.id)
    let fields = try fieldNames(mapping)
    let model = try readIDProperties(mapping)
    var space: String?
    if let value = mapping.value("space") { space = try name(value) }
    for (name, column, place) in fields {
      var field = model
      field.name = name
      field.column = column
      field.space = space ?? name
      try addID(field, at: place)
    }
  }

  private mutating func addID(_ field: IDField, at value: YAMLValue) throws(SchemaError) {
    try declare(field.name, at: value)
    try checkColumn(field.column, at: value)
    if let other = ids.first(where: { $0.space == field.space && $0.kind != field.kind }) {
      throw SchemaError(
        .conflictingKey, at: value.position,
        "'\(field.name)' is \(field.kind.rawValue), but '\(other.name)' of the same ID space '\(field.space)' is "
          + other.kind.rawValue,
        hint: "An ID space holds integers or strings: give both fields one kind, or one of them another space.")
    }
    if let other = ids.first(where: { $0.space == field.space && $0.admission != field.admission }) {
      throw SchemaError(
        .conflictingKey, at: value.position,
        "'\(field.name)' and '\(other.name)' of the same ID space '\(field.space)' differ in 'admission'",
        hint: "A space admits its IDs in one way: give both fields the same 'admission', or one of them another space.")
    }
    ids.append(field)
  }

  /// What the fields of one entry have in common; name, column and space are still to be set.
  private func readIDProperties(_ mapping: YAMLMapping) throws(SchemaError) -> IDField {
    var field = IDField(name: "")
    let kind = try mapping.choice("kind", of: IDField.Kind.self)
    field.shape = try mapping.choice("shape", of: IDField.Shape.self) ?? .single
    field.kind = kind ?? .string
    if let value = mapping.value("bucketise") {
      field.bucketise = try boundaries(value)
      field.kind = .integer
      if kind == .string { throw mapping.refused("kind", "is string, but the buckets of 'bucketise' are integers") }
      if field.shape != .single { throw mapping.refused("bucketise", "is for single fields only") }
    }
    field.admission = try readAdmission(mapping)
    if field.shape == .single {
      for key in ["separator", "weight_separator", "maximum_length"] where mapping.has(key) {
        throw mapping.refused(key, "is for fields of several values", hint: "Add 'shape: multi' or 'shape: sequence'.")
      }
    }
    if field.shape == .sequence, mapping.has("weight_separator") {
      throw mapping.refused("weight_separator", "is for multi fields; a sequence has no weights")
    }
    if let value = mapping.value("separator") { field.separator = try separator(value, of: field) }
    if let value = mapping.value("weight_separator") {
      let text = try separator(value, of: field)
      guard text != field.separator else {
        throw value.refused("must differ from 'separator', both are \(text.debugDescription)")
      }
      field.weightSeparator = text
    }
    field.maximumLength = try mapping.int("maximum_length", in: 1...Self.valuesOfFieldMax) ?? field.maximumLength
    return field
  }

  /// `{minimum_count: 5, epsilon: 0.000001, delta: 0.01}`
  private func readAdmission(_ mapping: YAMLMapping) throws(SchemaError) -> IDField.Admission? {
    guard let mapping = try mapping.mapping("admission") else { return nil }
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.admission)
    let required = try mapping.required("minimum_count")
    var admission = IDField.Admission(minimumCount: try required.int())
    guard (2...1_000_000_000).contains(admission.minimumCount) else {
      throw required.refused("must be 2 to 1000000000, found \(admission.minimumCount)")
    }
    admission.epsilon = try mapping.double("epsilon", in: 1e-8...0.1) ?? admission.epsilon
    admission.delta = try mapping.double("delta", in: 1e-9...0.5) ?? admission.delta
    return admission
  }

  private func separator(_ value: YAMLValue, of field: IDField) throws(SchemaError) -> String {
    let text = try value.string()
    let problem: String? =
      text.isEmpty
      ? "must not be empty"
      : text.utf8.count > 8
        ? "must have at most 8 bytes"
        : text.contains(where: \.isNewline)
          ? "must not contain a line end"
          : format.kind == .tsv && text == format.delimiter
            ? "must differ from the delimiter of the file"
            : field.kind == .integer && text.contains(where: { $0.isASCII && $0.isNumber })
              ? "must not contain a digit, the values are integers" : nil
    if let problem { throw value.refused("\(problem), found \(text.debugDescription)") }
    return text
  }
}
