extension SchemaReader {
  /// `click`, or `{name: like, column: rating, threshold: 4}`.
  mutating func readLabel(_ value: YAMLValue) throws(SchemaError) {
    if value.isScalar {
      for name in try value.names() {
        try declare(name, at: value)
        try checkColumn(name, at: value)
        labels.append(LabelField(name: name))
      }
      return
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.label)
    let nameValue = try mapping.required("name")
    let name = try name(nameValue)
    try declare(name, at: nameValue)
    var label = LabelField(name: name, column: try column(mapping.value("column") ?? nameValue))
    label.kind = try mapping.choice("kind", of: LabelField.Kind.self) ?? (mapping.has("classes") ? .class : .binary)
    try refuseForeignKeys(mapping, kind: label.kind)
    label.positive = try readTexts(mapping.value("positive"), atLeast: 1)
    label.threshold = try mapping.double("threshold")
    label.classes = try readTexts(mapping.value("classes"), atLeast: 2)
    if let time = mapping.value("available_at") { label.availableAt = try readTime(time) }
    labels.append(label)
  }

  private func refuseForeignKeys(_ mapping: YAMLMapping, kind: LabelField.Kind) throws(SchemaError) {
    if kind != .binary {
      for key in ["positive", "threshold"] where mapping.has(key) {
        throw mapping.refused(key, "is for binary labels; this one is \(kind.rawValue)")
      }
    }
    if mapping.has("positive"), mapping.has("threshold") {
      throw mapping.refused("threshold", "cannot stand beside 'positive': a label is 1 by its text or by its number")
    }
    if kind != .class, mapping.has("classes") {
      throw mapping.refused("classes", "is for labels of kind class; this one is \(kind.rawValue)")
    }
    if kind == .class, !mapping.has("classes") {
      throw mapping.refused(
        "kind", "is class, so 'classes' must list the texts in the order of their index", .missingKey)
    }
  }

  /// Texts of a column, each once and none of them one that means "missing".
  private func readTexts(_ value: YAMLValue?, atLeast least: Int) throws(SchemaError) -> [String] {
    guard let value else { return [] }
    let texts = try value.strings()
    guard texts.count >= least else {
      throw value.refused("must have at least \(least) \(least == 1 ? "text" : "texts"), found \(texts.count)")
    }
    var seen: Set<String> = []
    for text in texts {
      guard seen.insert(text).inserted else {
        throw value.refused("has \(text.debugDescription) twice", .duplicateName)
      }
      guard !text.isEmpty, !format.missing.contains(text) else {
        throw value.refused("has \(text.debugDescription), which this format reads as missing")
      }
    }
    return texts
  }
}
