import Foundation
import LoamSchema
import LoamStore

/// A table of vectors whose rows change and are published, version after version.
final class VectorTable {
  static let width = 16
  static let rowBytes = 64
  static let name = TableName(.embedding, "bench/vectors")
  static let spec = TableSpec(
    name, columns: [ColumnSpec("vector", .f32, width: width, initial: .normal(deviation: 0.1, seed: 1))])

  let store: Store
  private let write: Write
  private let table: IDTableWriter
  /// By row number. Slots stay as they are from version to version.
  private var references: [RowReference]
  private var random = Random(11)

  /// - Parameter path: of a store of `BuiltStore` with this spec.
  init(at path: String, rows: Int, keepLast: Int? = nil) throws {
    store = try Store.open(at: path, for: .write)
    if let keepLast { try store.setRetention(RetentionPolicy(keepLast: keepLast)) }
    write = try store.begin([Self.spec])
    table = try IDTableWriter(write, Self.spec)
    references = [RowReference](repeating: .none, count: rows)
    let ids = (0..<UInt32(rows)).map(Draws.id)
    try ids.withUnsafeBufferPointer { ids in
      try references.withUnsafeMutableBufferPointer { try table.find(ids, into: $0) }
    }
    guard !references.contains(.none) else { throw Failure("\(path) does not have \(rows) rows") }
  }

  /// Gives every element of rows another value, at random: what compresses well would flatter deltas.
  func change(_ rows: [UInt32]) throws {
    let wanted = rows.map { references[Int($0)] }
    try wanted.withUnsafeBufferPointer { wanted in
      try table.update([0], wanted) { group in
        let rows = group.rows(0, of: Float.self)
        for row in 0..<group.count {
          for element in 0..<Self.width { rows[row]![element] = Float(random.unit()) }
        }
      }
    }
  }

  /// Makes what changed a version that survives a power cut.
  @discardableResult
  func commit(tags: [String] = []) throws -> VersionRecord {
    try table.flush()
    return try write.publish(PublishOptions(tags: tags, goOn: true))
  }

  /// To be called after each commit.
  func goOn() throws { try table.rebase() }

  func close() {
    write.abandon()
    store.close()
  }
}
