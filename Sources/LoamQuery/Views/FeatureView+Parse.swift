import LoamSchema
import LoamStore

extension FeatureView {
  /// The version of the YAML form that this build reads.
  public static let formatVersion = 1

  /// Reads the YAML form of a view; `file` is what messages call it. docs/views.md describes it.
  public static func parse(yaml: String, file: String) throws(SchemaError) -> FeatureView {
    let top = try YAMLMapping(yaml: yaml, file: file)
    try top.refuseUnknownKeys(allowed: ViewKeys.top)
    let version = try top.required("view")
    guard try version.int() == formatVersion else {
      throw version.refused("must be \(formatVersion), found \(version.found)", .newerFormat)
    }
    var view = FeatureView(name: try top.required("name").string(), ids: [], features: [])
    view.ids = try distinct(top.required("ids"))
    if let time = try time(top, "time") { view.time = time }
    view.knownBy = try time(top, "known_by")
    if let carry = top.value("carry") { view.carry = try distinct(carry) }
    try refuseTimeColumn(view.ids, top.required("ids"))
    if let carry = top.value("carry") { try refuseTimeColumn(view.carry, carry) }
    for value in try top.required("features").list() {
      let feature = try ViewFeatureReader(ids: view.ids, try value.mapping()).feature()
      guard !view.features.contains(where: { $0.name == feature.name }), !view.ids.contains(feature.name),
        !view.carry.contains(feature.name)
      else { throw value.refused("has the name '\(feature.name)' a second time", .duplicateName) }
      try refuseTimeColumn([feature.name], value)
      view.features.append(feature)
    }
    guard !view.features.isEmpty else { throw try top.required("features").refused("names no feature") }
    return view
  }

  private static func distinct(_ value: YAMLValue) throws(SchemaError) -> [String] {
    let names = try value.strings()
    guard !names.isEmpty, Set(names).count == names.count else {
      throw value.refused("must name something, and nothing twice", .duplicateName)
    }
    return names
  }

  /// Outputs have that name already.
  private static func refuseTimeColumn(_ names: [String], _ value: YAMLValue) throws(SchemaError) {
    guard !names.contains(RequestRecords.timeColumn) else {
      throw value.refused(
        "has the name '\(RequestRecords.timeColumn)', under which outputs have the request's time", .duplicateName)
    }
  }

  private static func time(_ top: YAMLMapping, _ key: String) throws(SchemaError) -> TimeColumn? {
    guard let mapping = try top.mapping(key) else { return nil }
    try mapping.refuseUnknownKeys(allowed: ViewKeys.time)
    return TimeColumn(
      column: try mapping.required("column").string(),
      unit: try mapping.choice("unit", of: TimeColumn.Unit.self) ?? .iso8601)
  }
}

/// Every key of a view file, by the mapping that it stands in.
enum ViewKeys {
  static let top = ["view", "name", "ids", "time", "known_by", "carry", "features"]
  static let time = ["column", "unit"]
  static let events = ["timeline", "entity", "over", "where"]
  static let kinds: [String: [String]] = [
    "vector": ["model"], "pooled": ["model", "last", "as"] + events, "latest": events, "sequence": ["last"] + events,
    "window": ["of"] + events, "count": ["log"], "attribute": ["table", "id"],
  ]
}

/// Reads one feature of a view.
struct ViewFeatureReader {
  let ids: [String]
  let mapping: YAMLMapping
  /// Longer sequences are refused: every row of an output has room for all of one.
  static let lastMax = 100_000

  init(ids: [String], _ mapping: YAMLMapping) { (self.ids, self.mapping) = (ids, mapping) }

  func feature() throws(SchemaError) -> FeatureView.Feature {
    let name = try mapping.required("name")
    let kinds = ViewKeys.kinds.keys.sorted()
    let found = mapping.keys.filter { kinds.contains($0) }
    guard found.count == 1 else {
      guard found.isEmpty else {
        throw mapping.refused(found[1], "stands beside '\(found[0])': a feature is of one kind")
      }
      try mapping.refuseUnknownKeys(allowed: ["name"] + kinds)
      throw name.refused("is of no kind; a feature has one of the keys \(kinds.joined(separator: ", "))", .missingKey)
    }
    try mapping.refuseUnknownKeys(allowed: ["name", found[0]] + ViewKeys.kinds[found[0]]!)
    return FeatureView.Feature(try name.string(), try kind(found[0], mapping.required(found[0])))
  }

  private func kind(_ key: String, _ value: YAMLValue) throws(SchemaError) -> FeatureView.Kind {
    switch key {
    case "vector": return .vector(id: try id(value), model: try mapping.required("model").string())
    case "pooled":
      return .pooled(
        field: try value.string(), model: try mapping.required("model").string(), last: try last(),
        as: try mapping.choice("as", of: FeatureView.PooledAs.self) ?? .mean, try events())
    case "latest":
      let fields = try value.strings()
      return .latest(fields: fields == ["all"] ? [] : fields, try events())
    case "sequence": return .sequence(field: try value.string(), last: try last(), try events())
    case "window":
      let take = try value.choice(of: WindowTake.self)
      let field = try mapping.string("of")
      guard take.needsField == (field != nil) else {
        throw mapping.refused(
          field == nil ? "window" : "of",
          field == nil
            ? "needs the key 'of': the field to take the \(take.rawValue) of" : "has no meaning beside count",
          .missingKey)
      }
      return .window(take, field: field, try events())
    case "count": return .count(id: try id(value), log: try mapping.required("log").string())
    default:
      return .attribute(
        column: try value.string(), table: try table(mapping.required("table")), id: try id(mapping.required("id")))
    }
  }

  private func id(_ value: YAMLValue) throws(SchemaError) -> String { try value.choice(of: ids) }

  private func table(_ value: YAMLValue) throws(SchemaError) -> String {
    let text = try value.string()
    guard let name = TableName(text), name.kind == .ids || name.kind == .embedding, name.isValid else {
      throw value.refused("is no table of IDs", hint: "Write ids:SPACE or embedding:MODEL/SPACE.")
    }
    return text
  }

  private func last() throws(SchemaError) -> Int {
    guard let last = try mapping.int("last", in: 1...Self.lastMax) else {
      throw SchemaError(.missingKey, at: mapping.position, "'\(mapping.path)' needs the key 'last': of how many events")
    }
    return last
  }

  private func events() throws(SchemaError) -> FeatureView.Events {
    let timeline = try mapping.required("timeline").string()
    var events = FeatureView.Events(timeline: timeline, entity: "")
    if let entity = mapping.value("entity") { events.entity = try id(entity) }
    if let over = mapping.value("over") {
      guard let span = SpanText.microseconds(try over.string()) else {
        throw over.refused("must be a span of time, found \(over.found)", hint: SpanText.hint)
      }
      events.span = span
    }
    if let conditions = try mapping.mapping("where") {
      for field in conditions.keys {
        events.conditions.append(.init(field: field, values: try conditions.required(field).strings()))
      }
    }
    return events
  }
}
