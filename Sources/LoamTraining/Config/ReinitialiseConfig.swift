import LoamSchema

/// Embedding tables that begin every epoch but the first with first values (MEDA, arXiv 2305.19531).
///
/// Dense weights and their optimizer's state carry over, counts of rows stay. Ours: first values are drawn again, of the
/// epoch's generation; bias is corrected by the steps since; small tables may be spared.
public struct ReinitialiseConfig: Sendable, Equatable {
  /// Tables with more rows than that.
  public var aboveIDs = 0

  /// The same from an epoch's first step to its last: after the first epoch, every ID has its row.
  func concerns(_ table: TrainingTable) -> Bool { table.rowCount > aboveIDs }
}

extension ReinitialiseConfig {
  /// `all`, `none` or `{above_ids: 1000}`.
  static func read(_ value: YAMLValue) throws(SchemaError) -> ReinitialiseConfig? {
    if value.isScalar { return try value.choice(of: ["all", "none"]) == "all" ? ReinitialiseConfig() : nil }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: ["above_ids"])
    return ReinitialiseConfig(aboveIDs: try mapping.int("above_ids", in: 0...Int.max) ?? 0)
  }
}
