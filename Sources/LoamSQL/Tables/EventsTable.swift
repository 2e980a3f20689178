import LoamSchema
import LoamStore

/// The events of a timeline: `entity`, `number` (its 64-bit ID), `time` and `known_at` in microseconds, and the fields.
///
/// Those of one entity are found at once and come newest first; a range of times narrows them where they lie. Without an
/// entity, events come in the order of the store.
final class EventsTable: SQLTable {
  static let (entity, number, time, knownAt, firstField) = (0, 1, 2, 3, 4)

  let view: StoreView
  let name: String
  let fields: [TimelineFieldSpec]
  let columns: [SQLColumn]
  let rowCount: Int

  init(_ view: StoreView, _ name: String) throws(SQLError) {
    (self.view, self.name) = (view, name)
    let spec = try view.spec(TableName(.timeline, name))
    let fields = try SQLError.passing { () throws(StoreError) in try spec.timelineFields() }
    self.fields = fields
    rowCount = Int(clamping: view.snapshot.record.tables[spec.name.description]?.rows ?? 0)
    let own = [
      SQLColumn(name: "entity"), SQLColumn(name: "number", type: "INTEGER"),
      SQLColumn(name: "time", type: "INTEGER"), SQLColumn(name: "known_at", type: "INTEGER"),
    ]
    columns =
      own
      + zip(SQLNames.unique(fields.map(\.name), after: own.map(\.name)), fields).map { name, field in
        SQLColumn(name: name, type: field.kind == .real ? "REAL" : "")
      }
  }

  /// Of the entities: the space of the field that the schema names.
  func entityNaming() throws(SQLError) -> IDNaming {
    let field = view.schema?.allTimelines.first { $0.name == name }?.entity
    return try view.naming(field: field ?? name)
  }

  func use(of column: Int, _ comparison: Comparison) -> ConstraintUse? {
    switch column {
    case Self.entity, Self.number:
      comparison == .equal ? ConstraintUse(rows: min(rowCount, 50), isExact: true) : nil
    case Self.time, Self.knownAt: ConstraintUse(rows: max(1, rowCount / 4), isExact: false)
    default: nil
    }
  }

  func isOrdered(by column: Int, descending: Bool, constrained: [Int]) -> Bool {
    column == Self.time && descending && constrained.contains { $0 == Self.entity || $0 == Self.number }
  }

  func cursor() throws(SQLError) -> any SQLCursor { try EventsCursor(self) }
}
