extension SchemaReader {
  func readTimelines(eventTime: TimeColumn?) throws(SchemaError) -> [TimelineField] {
    var timelines: [TimelineField] = []
    for value in try top.list("timelines") ?? [] {
      guard eventTime != nil else {
        throw SchemaError(
          .missingKey, at: value.position, "a timeline needs the key 'event_time', which the file does not have",
          hint: "Events are kept in the order of their time.")
      }
      let mapping = try value.mapping()
      try mapping.refuseUnknownKeys(allowed: SchemaKeys.timeline)
      let nameValue = try mapping.required("name")
      let name = try name(nameValue)
      guard !timelines.contains(where: { $0.name == name }) else {
        throw nameValue.refused("is '\(name)', which an earlier timeline has", .duplicateName)
      }
      let entity = try mapping.required("entity")
      var timeline = TimelineField(name: name, entity: try entity.string(), fields: [])
      try checkEntity(timeline.entity, at: entity)
      timeline.when = try readConditions(mapping.mapping("when"))
      timeline.fields = try readFields(mapping.value("fields"))
      timeline.pairs = try readPairs(mapping.value("pairs"), of: timeline.fields)
      timelines.append(timeline)
    }
    return timelines
  }

  /// The ID field of an event that is counted in pairs.
  func readPairs(_ value: YAMLValue?, of fields: [String]) throws(SchemaError) -> String? {
    guard let value else { return nil }
    return try value.choice(of: fields.filter { name in ids.contains { $0.name == name } })
  }

  private func checkEntity(_ name: String, at value: YAMLValue) throws(SchemaError) {
    let single = ids.filter { $0.shape == .single }.map(\.name)
    guard !single.contains(name) else { return }
    throw unknown(name, at: value, what: "a single ID field", known: single)
  }

  /// `{click: 1}`: labels and what they must equal; a class label is compared with one of its texts.
  private func readConditions(_ mapping: YAMLMapping?) throws(SchemaError) -> [TimelineField.Condition] {
    guard let mapping else { return [] }
    var conditions: [TimelineField.Condition] = []
    for key in mapping.keys {
      let value = try mapping.required(key)
      guard let label = labels.first(where: { $0.name == key }) else {
        let near = nearestName(to: key, among: labels.map(\.name))
        throw mapping.refused(
          key, "is not a label; labels are \(Self.few(labels.map(\.name)))", .unknownField,
          hint: near.map { "Did you mean '\($0)'?" })
      }
      conditions.append(.init(label: key, equals: try conditionValue(value, of: label)))
    }
    return conditions
  }

  private func conditionValue(_ value: YAMLValue, of label: LabelField) throws(SchemaError) -> Float {
    switch label.kind {
    case .class:
      let text = try value.choice(of: label.classes)
      return Float(label.classes.firstIndex(of: text)!)
    case .binary:
      let number = try value.double()
      guard number == 0 || number == 1 else { throw value.refused("must be 0 or 1, found \(number)") }
      return Float(number)
    case .real: return Float(try value.double())
    }
  }

  private func readFields(_ value: YAMLValue?) throws(SchemaError) -> [String] {
    guard let value else { return [] }
    let known = ids.filter { $0.shape == .single }.map(\.name) + dense.map(\.name) + labels.map(\.name)
    var fields: [String] = []
    for element in try value.list() {
      for name in try element.names() {
        guard known.contains(name) else {
          throw unknown(name, at: element, what: "a single ID field, dense field or label", known: known)
        }
        guard !fields.contains(name) else { throw element.refused("has '\(name)' a second time", .duplicateName) }
        fields.append(name)
      }
    }
    return fields
  }

  private func unknown(_ name: String, at value: YAMLValue, what: String, known: [String]) -> SchemaError {
    if let field = ids.first(where: { $0.name == name }) {
      return value.refused("must be \(what); '\(name)' is of shape \(field.shape.rawValue)", .unknownField)
    }
    let near = nearestName(to: name, among: known)
    return value.refused(
      "must be \(what); '\(name)' is none. Known: \(Self.few(known))", .unknownField,
      hint: near.map { "Did you mean '\($0)'?" })
  }
}
