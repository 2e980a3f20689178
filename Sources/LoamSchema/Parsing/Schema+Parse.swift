extension Schema {
  /// The version of the YAML form that this build writes and reads.
  public static let formatVersion = 1

  /// Reads the YAML form of a schema; `file` is what messages call it.
  ///
  /// ```yaml
  /// schema: 1
  /// name: ads
  /// format: csv
  /// event_time: {column: time_ms, unit: milliseconds}
  /// labels: [click]
  /// dense:
  ///   - {name: price, transforms: [log1p, standardise]}
  /// ids:
  ///   - {each: [user, item], kind: integer}
  ///   - {name: history, shape: sequence, space: item, kind: integer}
  /// timelines:
  ///   - {name: user, entity: user, when: {click: 1}, fields: [item, price]}
  /// events:
  ///   - name: purchases
  ///     entity: user
  ///     format: csv
  ///     event_time: {column: time, unit: seconds}
  ///     ids: [{each: [user, item], kind: integer}]
  /// ```
  ///
  /// - Throws: `schema.*` with file, line and column, what was expected, what was found, and the nearest known word.
  public static func parse(yaml: String, file: String) throws(SchemaError) -> Schema {
    var reader = SchemaReader(top: try YAMLMapping(yaml: yaml, file: file))
    return try reader.schema()
  }

  /// Refuses a schema made in code for the reasons for which its YAML form would be; positions are those of `yaml`.
  public func check() throws(SchemaError) {
    _ = try Schema.parse(yaml: yaml, file: "schema \(name)")
  }
}

/// Reads one schema file from top to bottom; what was declared so far is what later parts may refer to.
struct SchemaReader {
  let top: YAMLMapping
  var format = RecordFormat(kind: .csv)
  /// Labels, dense and ID fields share one set of names: a timeline refers to any of them.
  var names: [String: YAMLPosition] = [:]
  var labels: [LabelField] = []
  var dense: [DenseField] = []
  var ids: [IDField] = []

  init(top: YAMLMapping) { self.top = top }

  mutating func schema() throws(SchemaError) -> Schema {
    try top.refuseUnknownKeys(allowed: SchemaKeys.top)
    try checkVersion()
    let name = try self.name(top.required("name"))
    format = try readFormat(top.required("format"))
    let eventTime = try readTime("event_time")
    let knownAt = try readKnownAt(eventTime: eventTime)
    var weight: String?
    if let value = top.value("weight") { weight = try column(value) }
    let rowKey = try readRowKey()
    for value in try top.list("labels") ?? [] { try readLabel(value) }
    for value in try top.list("dense") ?? [] { try readDense(value) }
    for value in try top.list("ids") ?? [] { try readID(value) }
    guard !(labels.isEmpty && dense.isEmpty && ids.isEmpty) else {
      throw SchemaError(.missingKey, at: top.position, "the file declares no label, dense or ID field")
    }
    var schema = Schema(
      name: name, format: format, eventTime: eventTime, knownAt: knownAt, weight: weight, rowKey: rowKey,
      labels: labels,
      dense: dense, ids: ids, timelines: try readTimelines(eventTime: eventTime))
    for value in try top.list("events") ?? [] { schema.events.append(try readEvents(value, beside: schema)) }
    return schema
  }

  private func checkVersion() throws(SchemaError) {
    let value = try top.required("schema")
    let version = try value.int()
    if version > Schema.formatVersion {
      throw value.refused(
        "is version \(version), this build reads up to \(Schema.formatVersion)", .newerFormat,
        hint: "Use a newer Loam.")
    }
    guard version == Schema.formatVersion else {
      throw value.refused("must be \(Schema.formatVersion), found \(version)")
    }
  }
}
