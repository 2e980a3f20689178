extension SchemaReader {
  /// A file of events: the keys of a log's schema that say what a row is, and whose event it is.
  func readEvents(_ value: YAMLValue, beside schema: Schema) throws(SchemaError) -> Schema {
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: SchemaKeys.events)
    var reader = SchemaReader(top: mapping)
    let nameValue = try mapping.required("name")
    let name = try reader.name(nameValue)
    guard !schema.allTimelines.contains(where: { $0.name == name }) else {
      throw nameValue.refused("is '\(name)', which an earlier timeline has", .duplicateName)
    }
    _ = try mapping.required("event_time")
    reader.format = try reader.readFormat(mapping.required("format"))
    let eventTime = try reader.readTime("event_time")
    let knownAt = try reader.readKnownAt(eventTime: eventTime)
    let rowKey = try reader.readRowKey()
    for value in try mapping.list("labels") ?? [] { try reader.readLabel(value) }
    for value in try mapping.list("dense") ?? [] { try reader.readDense(value) }
    for value in try mapping.list("ids") ?? [] { try reader.readID(value) }
    for field in reader.ids {
      guard field.shape == .single else {
        throw mapping.refused("ids", "has '\(field.name)' of several values: an event holds one of each field")
      }
      if let other = schema.allIDs.first(where: { $0.space == field.space && $0.kind != field.kind }) {
        throw mapping.refused(
          "ids",
          "has '\(field.name)' of kind \(field.kind.rawValue) in the space '\(field.space)', where "
            + "'\(other.name)' is \(other.kind.rawValue)")
      }
      if let other = schema.allIDs.first(where: { $0.space == field.space && $0.admission != field.admission }) {
        throw mapping.refused(
          "ids", "has '\(field.name)' of the space '\(field.space)', where '\(other.name)' has another 'admission'")
      }
    }
    let entity = try mapping.required("entity").choice(of: reader.ids.map(\.name))
    let fields =
      reader.ids.map(\.name).filter { $0 != entity } + reader.dense.map(\.name) + reader.labels.map(\.name)
    let pairs = try reader.readPairs(mapping.value("pairs"), of: fields)
    return Schema(
      name: name, format: reader.format, eventTime: eventTime, knownAt: knownAt, rowKey: rowKey,
      labels: reader.labels, dense: reader.dense, ids: reader.ids,
      timelines: [TimelineField(name: name, entity: entity, fields: fields, pairs: pairs)])
  }
}
