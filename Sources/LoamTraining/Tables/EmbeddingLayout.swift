import LoamQuery
import LoamStore

/// The columns of `embedding:MODEL/SPACE`, and where they stand in the catalog's spec.
///
/// ```
///   vector  f32[d]    vector.m, vector.v | vector.sum      as the optimizer needs
///   weight  f32[1]    weight.m, weight.v | weight.sum
///   last_step u64     the step of the row's last batch
///   count     u64     occurrences in training
///   decay     f64     sum of ln(share kept) at the last use; only where rows decay lazily
/// ```
struct EmbeddingLayout {
  struct Column {
    var index: Int
    var width: Int
    /// Indices of the optimizer's columns.
    var slots: [Int] = []
  }
  let vector: Column?
  let weight: Column?
  let lastStep: Int
  let count: Int
  let decay: Int?

  /// The table to begin a write with.
  static func spec(
    _ table: TableDefinition, model: String, optimizer: TableOptimizerConfig, deviation: Double, seed: UInt64
  ) -> TableSpec {
    let initial: InitialValue = deviation > 0 ? .normal(deviation: Float(deviation), seed: seed) : .zero
    var columns: [ColumnSpec] = []
    for (name, width) in trained(table) {
      columns.append(ColumnSpec(name, .f32, width: width, initial: initial))
      for slot in optimizer.slots(width: width) {
        columns.append(ColumnSpec("\(name).\(slot.name)", .f32, width: slot.width))
      }
    }
    columns += [ColumnSpec("last_step", .u64), ColumnSpec("count", .u64)]
    if optimizer.decaysLazily { columns.append(ColumnSpec("decay", .f64)) }
    return TableSpec(
      TableName(.embedding, "\(model)/\(table.space)"), columns: columns,
      attributes: ["model": model, "space": table.space])
  }

  private static func trained(_ table: TableDefinition) -> [(name: String, width: Int)] {
    (table.dimension > 0 ? [("vector", table.dimension)] : []) + (table.hasWeight ? [("weight", 1)] : [])
  }

  /// - Parameter spec: as the catalog has it; columns may stand in another order than asked for.
  init(_ spec: TableSpec, _ table: TableDefinition, optimizer: TableOptimizerConfig) throws(StoreError) {
    func index(_ name: String) throws(StoreError) -> Int {
      guard let index = spec.columns.firstIndex(where: { $0.name == name }) else {
        throw StoreError(.unknownColumn, "\(spec.name) has no column \(name)")
      }
      return index
    }
    var columns: [String: Column] = [:]
    for (name, width) in Self.trained(table) {
      var column = Column(index: try index(name), width: width)
      for slot in optimizer.slots(width: width) { column.slots.append(try index("\(name).\(slot.name)")) }
      columns[name] = column
    }
    (vector, weight) = (columns["vector"], columns["weight"])
    (lastStep, count) = (try index("last_step"), try index("count"))
    decay = optimizer.decaysLazily ? try index("decay") : nil
  }

  var trained: [Column] { [vector, weight].compactMap { $0 } }
}
