import Foundation
import LoamSchema
import LoamStore

/// Reads the vectors and weights of one embedding table at one version, with the decay that is due.
///
/// Rows that decay lazily hold the value of their last use; `settle` is the one place that makes up for the steps
/// since, so that lookup, prediction, evaluation, training and export agree to the bit.
///
/// ```swift
/// let items = try EmbeddingReader(snapshot, model: "ctr", space: "item")!
/// let vector = try items.vector(of: 4711)          // nil: the model never admitted it
/// ```
public final class EmbeddingReader: Sendable {
  public let table: IDTableReader
  /// Elements of `vector`; 0 where the model has weights alone.
  public let dimension: Int
  public let hasWeight: Bool
  /// Sum of ln(share kept) over all steps of the table; rows store what it was at their last use.
  public let decayLog: Double
  private let missing: RowReference
  private let unknown: RowReference

  /// `nil`: this version does not have the table.
  public init?(_ snapshot: Snapshot, model: String, space: String) throws(QueryError) {
    let name = TableName(.embedding, "\(model)/\(space)")
    guard let table = try QueryError.passing({ () throws(StoreError) in try IDTableReader(snapshot, name) }) else {
      return nil
    }
    self.table = table
    dimension = table.spec.column("vector")?.width ?? 0
    hasWeight = table.spec.column("weight") != nil
    decayLog = try ModelBlobs(snapshot, model: model)?.decayLog(space: space) ?? 0
    (missing, unknown) = try QueryError.passing { () throws(StoreError) in
      (try table.find(ID.missing), try table.find(ID.unknown))
    }
  }

  public var rowCount: Int { table.rowCount }

  /// The row a model reads for the ID: that of `ID.unknown` where it was never admitted.
  public func row(of id: ID) throws(QueryError) -> RowReference {
    if id == .missing { return missing }
    let row = try QueryError.passing { () throws(StoreError) in try table.find(id) }
    return row.isNone ? unknown : row
  }

  /// The ID's own vector; `nil` where it was never admitted or the table has none.
  public func vector(of id: ID) throws(QueryError) -> [Float]? {
    let row = try QueryError.passing { () throws(StoreError) in try table.find(id) }
    return row.isNone || dimension == 0 ? nil : try values("vector", [row])
  }

  /// `[rows, width of the column]` of `vector` or `weight`, decay made up for. Frozen rows of f16, bf16 and i8 become f32.
  public func values(_ column: String, _ rows: [RowReference]) throws(QueryError) -> [Float] {
    guard let spec = table.spec.column(column) else {
      throw .query(.unknownTable, "\(table.spec.name) has no column '\(column)'")
    }
    if spec.type != .f32 { return try converted(spec, rows) }
    var values = [Float](repeating: 0, count: rows.count * spec.width)
    let factors = try factors(rows)
    do {
      try values.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        try table.read(column, rows, into: UnsafeMutableRawPointer(base))
        if let factors {
          for (row, factor) in factors.enumerated() { Self.settle(base + row * spec.width, spec.width, factor) }
        }
      }
    } catch let error as StoreError {
      throw .store(error)
    } catch {
      preconditionFailure("\(error)")
    }
    return values
  }

  /// What each row is to be multiplied with; `nil` where the table does not decay lazily.
  func factors(_ rows: [RowReference]) throws(QueryError) -> [Float]? {
    guard table.spec.column("decay") != nil else { return nil }
    var logs = [Double](repeating: 0, count: rows.count)
    do {
      try logs.withUnsafeMutableBytes { bytes in
        if let base = bytes.baseAddress { try table.read("decay", rows, into: base) }
      }
    } catch let error as StoreError {
      throw .store(error)
    } catch {
      preconditionFailure("\(error)")
    }
    return logs.map { Self.factor(now: decayLog, row: $0) }
  }

  /// The share of a row that is left: `now` and `row` are sums of ln(share) up to now and up to the row's last use.
  @inline(__always)
  public static func factor(now: Double, row: Double) -> Float { now == row ? 1 : Float(exp(now - row)) }

  @inline(__always)
  public static func settle(_ row: UnsafeMutablePointer<Float>, _ width: Int, _ factor: Float) {
    if factor == 1 { return }
    for element in 0..<width { row[element] *= factor }
  }
}
