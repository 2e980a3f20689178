import Foundation
import LoamStore

/// Loam's table of the lookups: 16 f32 a row, each the row's number.
final class LookupTable: Sendable {
  static let width = 16
  private static let name = TableName(.embedding, "bench/lookup")
  static let spec = TableSpec(
    name, columns: [ColumnSpec("vector", .f32, width: width, initial: .normal(deviation: 0.1, seed: 1))])

  let reader: IDTableReader

  /// Builds the store where it is not there yet.
  static func build(at path: String, rows: Int) throws { try build(at: path) { try fill($0, rows: rows) } }

  static func build(at path: String, _ fill: (Store) throws -> Void) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    note("building \(path)")
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    let store = try Store.create(at: partial)
    try fill(store)
    store.close()
    try FileManager.default.moveItem(atPath: partial, toPath: path)
  }

  private static func fill(_ store: Store, rows: Int) throws {
    let write = try store.begin([spec])
    let table = try IDTableWriter(write, spec)
    for number in 0..<UInt32(rows) {
      let row = try table.mutableRow(0, table.findOrInsert(Draws.id(number))).assumingMemoryBound(to: Float.self)
      for element in 0..<width { row[element] = Float(number) }
    }
    try table.flush()
    try write.publish()
  }

  init(_ store: Store, _ index: IDTableReader.IndexPlace = .mapped) throws {
    reader = try IDTableReader(try store.snapshot(), Self.name, index: index)!
  }

  /// Seconds that one batch took; checks every row afterwards.
  func read(
    _ ids: UnsafeBufferPointer<UInt64>, rows: ArraySlice<UInt32>, into out: UnsafeMutableBufferPointer<Float>
  ) throws -> Double {
    let bytes = UnsafeMutableRawBufferPointer(out)
    let start = Clock.cpuSeconds()
    try reader.lookup(ids, column: 0, into: bytes)
    let seconds = Clock.cpuSeconds() - start
    for (position, row) in rows.enumerated() {
      guard out[position * Self.width] == Float(row), out[position * Self.width + Self.width - 1] == Float(row) else {
        throw Failure("row \(row) read as \(out[position * Self.width])")
      }
    }
    return seconds
  }
}
