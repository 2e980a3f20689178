import LoamQuery
import LoamSchema
import LoamStore

/// Imported vectors that the rows of a new model begin with: those of a frozen table of the same ID space.
///
/// A row takes its ID's vector when it is admitted; an ID that the frozen table has not begins with a draw, as always.
struct FirstVectors {
  private let reader: IDTableReader
  private let column: Int

  /// - Parameter data: the version whose logs the run reads.
  /// - Throws: `training.bad-config`: the version has no such table, or one that does not fit.
  init(_ data: Snapshot, _ name: String, for table: TableDefinition) throws(TrainingError) {
    let tables = data.tables.filter { $0.kind == .embedding }.map(\.name)
    let reader = try TrainingError.store { () throws(StoreError) in
      try IDTableReader(data, TableName(.embedding, name))
    }
    guard let reader, reader.rowCount > 0, let vector = reader.spec.column("vector") else {
      throw .training(
        .badConfig, "fields.vectors names '\(name)', and the store has no such table of vectors",
        hint: nearestName(to: name, among: tables).map { "Did you mean '\($0)'?" }
          ?? "Make it: loam import STORE --table \(name) --from FILE")
    }
    guard vector.width == table.dimension else {
      throw .training(
        .badConfig,
        "'\(name)' has vectors of \(vector.width) numbers, the model's of \(table.space) have \(table.dimension)",
        hint: "Set the dimension of the space's fields to \(vector.width).")
    }
    guard reader.spec.column("decay") == nil else {
      throw .training(
        .badConfig, "the rows of '\(name)' decay while their model is trained: they are no first values",
        hint: "Freeze them: loam export --table \(name), then loam import under another name.")
    }
    (self.reader, column) = (reader, reader.spec.columns.firstIndex { $0.name == "vector" }!)
  }

  /// Writes the vector of the ID as f32; where the table has none, nothing.
  func write(_ id: ID, into vector: UnsafeMutableBufferPointer<Float>) throws(StoreError) {
    if try reader.find(id).isNone { return }
    let (reader, column) = (reader, column)
    // The standard library's closures keep no typed error, hence the Result.
    try withUnsafePointer(to: id) { id -> Result<Void, StoreError> in
      do throws(StoreError) {
        return .success(try reader.lookup(UnsafeBufferPointer(start: id, count: 1), column: column, into: vector))
      } catch { return .failure(error) }
    }.get()
  }
}

extension RunPlan {
  /// Frozen tables that the run begins with, as they are in `data`.
  func frozen() -> [RunPosition.Log] {
    config.fields.vectors.values.sorted().compactMap { name in
      data.record.tables["embedding:\(name)"].map { .init(name: name, root: $0.root.description, rows: $0.rows) }
    }
  }
}
