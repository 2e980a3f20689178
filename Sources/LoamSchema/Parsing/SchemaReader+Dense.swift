extension SchemaReader {
  /// `age`, `i1..i13`, `{name: age, transforms: [log1p]}` or `{each: [i1..i13], transforms: [log1p]}`.
  mutating func readDense(_ value: YAMLValue) throws(SchemaError) {
    guard !value.isScalar else {
      for name in try value.names() { try addDense(name, column: name, transforms: [], at: value) }
      return
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.dense)
    var transforms: [DenseTransform] = []
    if let list = mapping.value("transforms") {
      for step in list.isList ? try list.list() : [list] { transforms.append(try readTransform(step)) }
    }
    for field in try fieldNames(mapping) {
      try addDense(field.name, column: field.column, transforms: transforms, at: field.place)
    }
  }

  private mutating func addDense(
    _ name: String, column: String, transforms: [DenseTransform], at value: YAMLValue
  ) throws(SchemaError) {
    try declare(name, at: value)
    try checkColumn(column, at: value)
    dense.append(DenseField(name: name, column: column, transforms: transforms))
  }

  private func readTransform(_ value: YAMLValue) throws(SchemaError) -> DenseTransform {
    if value.isScalar {
      let text = try value.string()
      if SchemaKeys.transforms.contains(text) {
        throw value.refused("needs its numbers: {\(text): \(text == "clip" ? "[0, 10]" : "[18, 25, 35]")}")
      }
      return try value.choice(of: SchemaKeys.transformWords) == "log1p" ? .log1p : .standardise
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.transforms)
    guard mapping.keys.count == 1 else { throw value.wrongType(expected: "one transform, such as {clip: [0, 10]}") }
    guard let clip = mapping.value("clip") else {
      return .bucketise(try boundaries(mapping.required("bucketise")))
    }
    let numbers = try clip.doubles()
    guard numbers.count == 2 else { throw clip.refused("must be [LOWER, UPPER], found \(numbers.count) numbers") }
    guard numbers[0] < numbers[1] else {
      throw clip.refused("must have its lower number first, found \(numbers[0]) and \(numbers[1])")
    }
    return .clip(lower: numbers[0], upper: numbers[1])
  }

  /// Ascending numbers, each once.
  func boundaries(_ value: YAMLValue) throws(SchemaError) -> [Double] {
    let numbers = try value.doubles()
    guard !numbers.isEmpty else { throw value.refused("must have at least one boundary") }
    for (lower, upper) in zip(numbers, numbers.dropFirst()) where !(lower < upper) {
      throw value.refused("must ascend, but \(upper) follows \(lower)")
    }
    return numbers
  }

  /// The fields that one entry declares: `name` (with `column`) or `each`.
  func fieldNames(_ mapping: YAMLMapping) throws(SchemaError) -> [(name: String, column: String, place: YAMLValue)] {
    guard let each = mapping.value("each") else {
      let value = try mapping.required("name")
      let name = try name(value)
      return [(name, try column(mapping.value("column") ?? value), value)]
    }
    for key in ["name", "column"] where mapping.has(key) {
      throw mapping.refused(key, "cannot stand beside 'each', whose names are the columns")
    }
    var fields: [(name: String, column: String, place: YAMLValue)] = []
    for element in each.isList ? try each.list() : [each] {
      for name in try element.names() { fields.append((name, name, element)) }
    }
    guard !fields.isEmpty else { throw each.refused("must name at least one field") }
    return fields
  }
}
