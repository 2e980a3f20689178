import LoamSchema
import LoamStore

/// What a window knows of the events of a sequence besides their IDs: a number a value of the sequence's column.
struct EventValues {
  /// Indices of types; empty where events have none.
  let actions: [Float]
  /// Seconds; empty where ages are not known.
  let ages: [Float]

  init(
    _ groups: [any WindowGroup], _ field: FieldDefinition, _ column: IDColumn, place: String, _ memory: WindowMemory
  ) throws(QueryError) {
    var indices: [ID: Float] = [:]
    for (index, id) in (field.events?.actionIDs ?? []).enumerated() { indices[id] = Float(index + 1) }
    actions = try Self.values(field.events?.actions, groups, field, column, place, memory) { indices[$0] ?? 0 }
    ages = try Self.values(field.events?.ages, groups, field, column, place, memory) { Float($0) }
  }

  private static func values(
    _ name: String?, _ groups: [any WindowGroup], _ field: FieldDefinition, _ column: IDColumn, _ place: String,
    _ memory: WindowMemory, _ number: (ID) -> Float
  ) throws(QueryError) -> [Float] {
    guard let name else { return [] }
    let beside = try IDColumn(
      groups, several: FieldDefinition(name: name, shape: field.shape, table: field.table), place: place, memory)
    if let row = zip(column.offsets, beside.offsets).enumerated().first(where: { $1.0 != $1.1 })?.offset {
      let counts = [column, beside].map { $0.offsets[row] - $0.offsets[row - 1] }
      throw .query(
        .unequalSequences,
        "\(place): a row has \(counts[0]) values of '\(field.name)' and \(counts[1]) of '\(name)', which say what belongs "
          + "to the same events",
        hint: "Ingest both with one value an event and the same maximum_length.")
    }
    let numbers = beside.distinct.map(number)
    return beside.codes.map { numbers[Int($0)] }
  }
}
