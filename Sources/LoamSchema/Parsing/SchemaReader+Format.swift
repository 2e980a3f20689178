extension SchemaReader {
  /// `csv`, or `{kind: csv, delimiter: ";", ...}`.
  func readFormat(_ value: YAMLValue) throws(SchemaError) -> RecordFormat {
    if value.isScalar {
      let kind = try value.choice(of: RecordFormat.Kind.self)
      return RecordFormat(kind: kind)
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.format)
    let kind = try mapping.required("kind").choice(of: RecordFormat.Kind.self)
    if !kind.isDelimited {
      for key in ["delimiter", "header", "columns"] where mapping.has(key) {
        throw mapping.refused(
          key, "has no meaning for \(kind.rawValue), whose columns are named by the records themselves")
      }
    }
    let columns = try readColumns(mapping.value("columns"))
    let header = try mapping.bool("header")
    if header == true, !columns.isEmpty {
      throw mapping.refused("columns", "is only for files without a header; this one has 'header: true'")
    }
    if header == false, columns.isEmpty {
      throw mapping.refused("header", "is false, so 'columns' must name the columns in their order", .missingKey)
    }
    let missing = try mapping.strings("missing") ?? []
    return RecordFormat(
      kind: kind, delimiter: try readDelimiter(mapping.value("delimiter")), header: header, columns: columns,
      missing: missing, trim: try mapping.bool("trim") ?? false)
  }

  private func readColumns(_ value: YAMLValue?) throws(SchemaError) -> [String] {
    guard let value else { return [] }
    var columns: [String] = []
    var seen: Set<String> = []
    for element in try value.list() {
      for name in try element.names() {
        guard !name.isEmpty else { throw element.refused("must not be empty", .badName) }
        guard seen.insert(name).inserted else {
          throw element.refused("names the column '\(name)' a second time", .duplicateName)
        }
        columns.append(name)
      }
    }
    guard !columns.isEmpty else { throw value.refused("must name at least one column") }
    return columns
  }

  private func readDelimiter(_ value: YAMLValue?) throws(SchemaError) -> String? {
    guard let value else { return nil }
    let text = try value.string()
    guard text.utf8.count == 1, !["\"", "\n", "\r"].contains(text) else {
      throw value.refused(
        "must be one ASCII character, not a quote or a line end; found \(text.debugDescription)",
        hint: text.hasPrefix("\\")
          ? "Backslashes count in double quotes only: \"\\t\"."
          : "Blanks after a delimiter are cut off by 'trim: true'.")
    }
    return text
  }

  /// `{column: time, unit: seconds}`
  func readTime(_ value: YAMLValue) throws(SchemaError) -> TimeColumn {
    let units = TimeColumn.Unit.allCases.map(\.rawValue).joined(separator: ", ")
    guard value.isMapping else {
      throw value.wrongType(expected: "{column: NAME, unit: UNIT}", hint: "Units: \(units).")
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.time)
    let column = try column(mapping.required("column"))
    return TimeColumn(column: column, unit: try mapping.required("unit").choice(of: TimeColumn.Unit.self))
  }

  func readTime(_ key: String) throws(SchemaError) -> TimeColumn? {
    guard let value = top.value(key) else { return nil }
    return try readTime(value)
  }

  /// `now`, `event_time`, or a time column.
  func readKnownAt(eventTime: TimeColumn?) throws(SchemaError) -> KnownAt {
    guard let value = top.value("known_at") else { return .eventTime }
    guard value.isScalar else { return .column(try readTime(value)) }
    guard try value.choice(of: ["event_time", "now"]) == "event_time" else { return .now }
    guard eventTime != nil else { throw value.refused("is event_time, but the file declares none", .missingKey) }
    return .eventTime
  }
}
