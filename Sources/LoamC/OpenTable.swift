import LoamSchema

/// A table of a version or of a pack, as the interface reads it.
protocol OpenTable: Sendable {
  var name: String { get }
  var rowCount: Int { get }
  var columns: [OpenColumn] { get }

  /// As many as there are rows.
  func ids(into ids: UnsafeMutableBufferPointer<ID>) throws
  func find(_ ids: UnsafeBufferPointer<ID>, into found: UnsafeMutableBufferPointer<UInt8>) throws
  /// `[ids, width]`.
  func rows(
    _ ids: UnsafeBufferPointer<ID>, column: Int, absent: Absent, threads: Int,
    into values: UnsafeMutableBufferPointer<Float>) throws
  /// `[bags, width]`.
  func bags(
    _ ids: UnsafeBufferPointer<ID>, _ offsets: UnsafeBufferPointer<UInt32>, _ pooling: PooledAs, column: Int,
    absent: Absent, threads: Int, into values: UnsafeMutableBufferPointer<Float>) throws
}

struct OpenColumn: Sendable, Encodable {
  var name: String
  var dtype: String
  var width: Int
  /// Whether it can be read as f32.
  var isReal: Bool

  enum CodingKeys: String, CodingKey { case name, dtype, width }
}

extension OpenTable {
  /// The position of a column that can be read as f32.
  func realColumn(_ name: String) throws -> Int {
    guard let index = columns.firstIndex(where: { $0.name == name }) else {
      let names = columns.filter(\.isReal).map(\.name)
      throw APIError(
        .unknownTable, "table \(self.name) has no column '\(name)'",
        hint: nearestName(to: name, among: names).map { "Did you mean \($0)?" }
          ?? "It has: \(names.joined(separator: ", "))")
    }
    guard columns[index].isReal else {
      throw APIError(.badArgument, "column \(name) of table \(self.name) is \(columns[index].dtype), not real")
    }
    return index
  }
}
