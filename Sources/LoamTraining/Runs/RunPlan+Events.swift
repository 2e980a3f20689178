import LoamQuery
import LoamSchema
import LoamStore

extension RunPlan {
  /// Each has a row of the model's own.
  private static let actionsMax = 1_000

  /// What the config says of a sequence's events. Their types are those that the store knows when training begins.
  static func events(
    _ options: FieldsConfig.Options, _ schema: Schema, _ data: Snapshot
  ) throws(TrainingError) -> EventFields? {
    guard !options.beside.isEmpty else { return nil }
    var events = EventFields(actions: options.actions, ages: options.ages)
    guard let field = schema.ids.first(where: { $0.name == options.actions }) else { return events }
    let known = try TrainingError.store { () throws(StoreError) in
      try IDTableReader(data, TableName(.ids, field.space))
    }
    guard (known?.rowCount ?? 0) <= actionsMax else {
      throw .training(
        .badConfig, "'\(field.name)' has \(known!.rowCount) IDs; as types of events it may have \(actionsMax)",
        hint: "Make the types coarser, or leave 'actions' out.")
    }
    do {
      try known?.forEachRow { _, id in if id <= .largest { events.actionIDs.append(id) } }
    } catch {
      throw .store(error as! StoreError)
    }
    events.actionIDs.sort()
    return events
  }
}
