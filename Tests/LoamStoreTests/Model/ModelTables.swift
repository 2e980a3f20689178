import LoamSchema

@testable import LoamStore

/// The tables of the model tests: one of each structure, in two groups that different writes take.
enum ModelTables {
  static let items = TableName(.embedding, "ctr/item")
  static let users = TableName(.ids, "user")
  static let clicks = TableName(.timeline, "click")
  static let model = TableName(.model, "ctr")
  static let log = TableName(.log, "train")
  static let all = [items, users, clicks, model]

  static let groups = [[items, model], [clicks, users]]

  /// A block of items' vectors is several pages, so that few changed rows make a patch; of the other columns it is a page
  /// or less, so that few rows fill several.
  static let specs: [TableName: TableSpec] = [
    items: TableSpec(
      items,
      columns: [
        ColumnSpec("vector", .f32, width: 160, initial: .uniform(bound: 0.5, seed: 3)),
        ColumnSpec("steps", .u64, blockPages: 1),
      ]),
    users: TableSpec(users, columns: [ColumnSpec("count", .u64, blockPages: 1)]),
    clicks: TableSpec.timeline("click", fields: [TimelineFieldSpec("item", .id), TimelineFieldSpec("price", .real)]),
    model: TableSpec(model),
    log: TableSpec(log),
  ]
}
