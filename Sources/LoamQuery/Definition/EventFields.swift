import LoamSchema

/// Sequences beside one that is read event by event: they say more of the same events, value by value.
public struct EventFields: Sendable, Equatable, Codable {
  /// The field of the events' types.
  public var actions: String?
  /// The types in the order of their indices, from 1; any other has the index 0.
  public var actionIDs: [ID]
  /// The field of ages: whole seconds from each event to the row's time.
  public var ages: String?

  public init(actions: String? = nil, actionIDs: [ID] = [], ages: String? = nil) {
    (self.actions, self.actionIDs, self.ages) = (actions, actionIDs, ages)
  }

  /// Indices of types; 0: events have no types.
  public var actionCount: Int { actions == nil ? 0 : actionIDs.count + 1 }
  /// Of the fields.
  public var names: [String] { [actions, ages].compactMap { $0 } }
}
