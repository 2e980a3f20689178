import LoamSchema
import LoamStore

/// Binds a view to a version: finds its tables, checks its fields, lays out the row.
struct ViewPlan {
  private let snapshot: Snapshot
  private let view: FeatureView
  /// `nil` in a store that was filled without one: IDs are whole numbers then, and an ID field its own space.
  private let schema: Schema?
  private(set) var layout = ViewLayout()
  private(set) var steps: [any ViewStep] = []
  private var timelines: [String: TimelineReader] = [:]

  init(_ snapshot: Snapshot, _ view: FeatureView) throws(QueryError) {
    (self.snapshot, self.view) = (snapshot, view)
    schema = try ViewPlan.schema(snapshot)
    for feature in view.features { try add(feature) }
  }

  static func schema(_ snapshot: Snapshot) throws(QueryError) -> Schema? {
    guard let text = try QueryError.passing({ () throws(StoreError) in try snapshot.schemaText() }) else { return nil }
    do throws(SchemaError) { return try Schema.parse(yaml: text, file: "schema of \(snapshot.store.path)") } catch {
      throw .query(.badView, "\(error.message)", hint: error.hint)
    }
  }

  private func space(of field: String) -> String { schema?.allIDs.first { $0.name == field }?.space ?? field }

  private func refused(_ feature: FeatureView.Feature, _ problem: String, hint: String? = nil) -> QueryError {
    .query(.badView, "view \(view.name), feature \(feature.name): \(problem)", hint: hint)
  }

  private mutating func add(_ feature: FeatureView.Feature) throws(QueryError) {
    let offset = layout.rowBytes
    switch feature.kind {
    case .vector(let id, let model):
      let table = try embedding(feature, model, space: space(of: id))
      steps.append(VectorStep(table: table, id: try position(feature, id), offset: offset))
      layout.add(feature.name, .real, count: table.dimension)
    case .pooled(let field, let model, let last, let pooling, let events):
      let bound = try bind(feature, events)
      let index = try self.field(feature, field, bound.timeline, kind: .id)
      let table = try embedding(feature, model, space: space(of: field))
      steps.append(
        PooledStep(events: bound, field: index, last: last, table: table, pooling: pooling, offset: offset))
      layout.add(feature.name, .real, count: table.dimension)
    case .latest(let fields, let events): try addLatest(feature, fields, events)
    case .sequence(let field, let last, let events):
      let bound = try bind(feature, events)
      let index = try self.field(feature, field, bound.timeline)
      let isID = bound.timeline.fields[index].kind == .id
      steps.append(SequenceStep(events: bound, field: index, isID: isID, last: last, offset: offset))
      layout.add(feature.name, isID ? .id(space: space(of: field)) : .real, count: last)
    case .window(let take, let field, let events):
      let bound = try bind(feature, events)
      var index: Int?
      if let field { index = try self.field(feature, field, bound.timeline, kind: take == .distinct ? nil : .real) }
      steps.append(WindowStep(events: bound, take: take, field: index, offset: offset))
      layout.add(feature.name, take.isCount ? .number : .real, count: nil)
    case .count(let id, let log):
      try addColumn(feature, table: TableName(.ids, space(of: id)), column: "count/\(log)", id: id)
    case .attribute(let column, let table, let id):
      guard let name = TableName(table) else { throw refused(feature, "'\(table)' is no table") }
      try addColumn(feature, table: name, column: column, id: id)
    }
  }

  private mutating func addLatest(
    _ feature: FeatureView.Feature, _ fields: [String], _ events: FeatureView.Events
  ) throws(QueryError) {
    let bound = try bind(feature, events)
    let names = fields.isEmpty ? bound.timeline.fields.map(\.name) : fields
    var indices: [Int] = []
    for name in names { indices.append(try field(feature, name, bound.timeline)) }
    let kinds = Set(indices.map { bound.timeline.fields[$0].kind })
    guard kinds.count == 1, let kind = kinds.first else {
      throw refused(
        feature, "takes ID and real fields at once: \(names.joined(separator: ", "))",
        hint: "Make two features of it, one for each kind.")
    }
    steps.append(LatestStep(events: bound, fields: indices, isID: kind == .id, offset: layout.rowBytes))
    layout.add(
      feature.name, kind == .id ? .id(space: space(of: names[0])) : .real,
      count: indices.count == 1 ? nil : indices.count)
  }

  private mutating func addColumn(
    _ feature: FeatureView.Feature, table name: TableName, column: String, id: String
  ) throws(QueryError) {
    let found = try QueryError.passing { () throws(StoreError) in try IDTableReader(snapshot, name) }
    guard let table = found else { throw missing(feature, name) }
    guard let index = table.spec.columns.firstIndex(where: { $0.name == column }) else {
      let names = table.spec.columns.map(\.name)
      throw refused(
        feature, "\(name) has no column '\(column)'",
        hint: nearestName(to: column, among: names).map { "Did you mean '\($0)'?" }
          ?? "It has: \(names.joined(separator: ", ")).")
    }
    let spec = table.spec.columns[index]
    guard [.f32, .f16, .bf16, .i8].contains(spec.type) || ColumnStep.isWhole(spec.type) else {
      throw refused(feature, "the column '\(column)' of \(name) is \(spec.type): no feature is made of it")
    }
    steps.append(
      ColumnStep(table: table, column: index, id: try position(feature, id), offset: layout.rowBytes))
    layout.add(
      feature.name, ColumnStep.isWhole(spec.type) ? .number : .real, count: spec.width == 1 ? nil : spec.width)
  }

  private func position(_ feature: FeatureView.Feature, _ id: String) throws(QueryError) -> Int {
    guard let position = view.ids.firstIndex(of: id) else {
      throw refused(feature, "'\(id)' is none of the view's IDs: \(view.ids.joined(separator: ", "))")
    }
    return position
  }

  private func missing(_ feature: FeatureView.Feature, _ name: TableName) -> QueryError {
    let known = snapshot.tables.filter { $0.kind == name.kind }.map(\.name)
    return .query(
      .unknownTable, "view \(view.name), feature \(feature.name): version \(snapshot.record.version) has no \(name)",
      hint: nearestName(to: name.name, among: known).map { "Did you mean '\($0)'?" }
        ?? "It has: \(known.joined(separator: ", ")).")
  }

  private func embedding(
    _ feature: FeatureView.Feature, _ model: String, space: String
  ) throws(QueryError) -> EmbeddingReader {
    guard let table = try EmbeddingReader(snapshot, model: model, space: space) else {
      throw missing(feature, TableName(.embedding, "\(model)/\(space)"))
    }
    guard table.dimension > 0 else { throw refused(feature, "\(table.table.spec.name) has weights alone, no vectors") }
    return table
  }

  private mutating func bind(
    _ feature: FeatureView.Feature, _ events: FeatureView.Events
  ) throws(QueryError) -> BoundEvents {
    let name = TableName(.timeline, events.timeline)
    if timelines[events.timeline] == nil {
      timelines[events.timeline] = try QueryError.passing { () throws(StoreError) in
        try TimelineReader(snapshot, name)
      }
    }
    guard let timeline = timelines[events.timeline] else { throw missing(feature, name) }
    var entity = events.entity
    if entity.isEmpty {
      // The timeline says whose events it has; in a view of one ID there is no question.
      let declared = schema?.allTimelines.first { $0.name == events.timeline }?.entity
      entity = declared ?? (view.ids.count == 1 ? view.ids[0] : "")
    }
    guard let position = view.ids.firstIndex(of: entity) else {
      throw refused(
        feature, "does not say whose events of timeline \(events.timeline) it takes",
        hint: "Add 'entity: \(view.ids.joined(separator: " or "))'.")
    }
    var conditions: [PastQuery.Condition] = []
    for condition in events.conditions {
      let index = try field(feature, condition.field, timeline)
      var values: [UInt64] = []
      for text in condition.values { values.append(try bits(feature, text, timeline.fields[index])) }
      conditions.append(PastQuery.Condition(field: index, values: values))
    }
    return BoundEvents(timeline: timeline, entity: position, span: events.span, conditions: conditions)
  }

  private func field(
    _ feature: FeatureView.Feature, _ name: String, _ timeline: TimelineReader, kind: TimelineFieldSpec.Kind? = nil
  ) throws(QueryError) -> Int {
    guard let index = timeline.fields.firstIndex(where: { $0.name == name }) else {
      let names = timeline.fields.map(\.name)
      throw refused(
        feature, "\(timeline.spec.name) has no field '\(name)'",
        hint: nearestName(to: name, among: names).map { "Did you mean '\($0)'?" }
          ?? "It has: \(names.joined(separator: ", ")).")
    }
    guard kind == nil || timeline.fields[index].kind == kind else {
      throw refused(feature, "the field '\(name)' of \(timeline.spec.name) is \(timeline.fields[index].kind.rawValue)")
    }
    return index
  }

  /// What a condition's text is stored as.
  private func bits(
    _ feature: FeatureView.Feature, _ text: String, _ spec: TimelineFieldSpec
  ) throws(QueryError) -> UInt64 {
    guard let bits = spec.bits(of: text, isString: schema?.allIDs.first { $0.name == spec.name }?.kind == .string)
    else {
      throw refused(feature, "'\(text)' is no value of '\(spec.name)', which is \(spec.kind.rawValue)")
    }
    return bits
  }
}
