import LoamKernels
import LoamSchema

/// The rows of one ID space in a pack.
public final class PackTable: @unchecked Sendable {
  /// One column of a table: `vector`, `weight`.
  public struct Column: @unchecked Sendable {
    public let name: String
    public let type: PackType
    /// Elements a row, and its bytes as stored.
    public let width, stride: Int
    // Points into the table's map.
    let column: loam_pack_column
  }

  /// What an ID without a row of its own reads.
  public enum Absent: Sendable {
    /// The row of `ID.unknown`, as the model does; zeros where the table has none.
    case unknown
    case zeros
  }

  /// The ID space.
  public let name: String
  public let rowCount: Int
  public let columns: [Column]
  /// Rows of `ID.missing` and `ID.unknown`.
  public let missing, unknown: UInt32?
  let table: loam_pack_table
  // Ends the map with the last table.
  private let map: PackMap

  init(_ map: PackMap, _ table: loam_pack_table) {
    (self.map, self.table) = (map, table)
    name = String(packed: table.name, table.name_bytes)
    rowCount = Int(table.rows)
    missing = table.missing == UInt32.max ? nil : table.missing
    unknown = table.unknown == UInt32.max ? nil : table.unknown
    columns = (0..<table.column_count).map { number in
      let column = withUnsafePointer(to: table) { loam_pack_column_at($0, number) }
      return Column(
        name: String(packed: column.name, column.name_bytes), type: PackType(rawValue: column.type.rawValue)!,
        width: Int(column.width), stride: Int(column.stride), column: column)
    }
  }

  /// - Throws: `pack.unknown-table`, with the nearest name.
  public func column(_ name: String) throws(PackError) -> Column {
    if let column = columns.first(where: { $0.name == name }) { return column }
    throw .unknown("column in table \(self.name)", name, among: columns.map(\.name))
  }

  /// The row of an ID; `nil` where it has none of its own.
  public func find(_ id: ID) -> UInt32? {
    var row = UInt32.max
    withUnsafePointer(to: id) { id in withUnsafePointer(to: table) { loam_pack_find($0, id, 1, &row) } }
    return row == UInt32.max ? nil : row
  }

  /// Which IDs have a row of their own.
  public func contains(_ ids: UnsafeBufferPointer<ID>, into found: UnsafeMutableBufferPointer<UInt8>) {
    precondition(found.count == ids.count, "a byte for each ID")
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.groupCount) { rows in
      forEachGroup(of: ids) { first, group in
        withUnsafePointer(to: table) { loam_pack_find($0, group.baseAddress, group.count, rows.baseAddress) }
        for place in 0..<group.count { found[first + place] = rows[place] == UInt32.max ? 0 : 1 }
      }
    }
  }
}
