import LoamPack
import LoamSchema
import LoamStore

struct OpenPackTable: OpenTable {
  /// IDs of a piece that a thread takes.
  private static let idsAtOnce = 4_096
  let table: PackTable

  var name: String { table.name }
  var rowCount: Int { table.rowCount }
  var columns: [OpenColumn] {
    table.columns.map { OpenColumn(name: $0.name, dtype: $0.type.name, width: $0.width, isReal: true) }
  }

  func ids(into ids: UnsafeMutableBufferPointer<ID>) { table.ids(into: ids) }

  func find(_ ids: UnsafeBufferPointer<ID>, into found: UnsafeMutableBufferPointer<UInt8>) {
    table.contains(ids, into: found)
  }

  func rows(
    _ ids: UnsafeBufferPointer<ID>, column: Int, absent: Absent, threads: Int,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    let (column, size) = (table.columns[column], Self.idsAtOnce)
    nonisolated(unsafe) let (ids, values) = (ids, values)
    Parallel.forEach((ids.count + size - 1) / size, threads: threads) { piece in
      let range = piece * size..<min((piece + 1) * size, ids.count)
      table.lookup(
        UnsafeBufferPointer(rebasing: ids[range]), column: column, absent: absent.ofPack,
        into: UnsafeMutableBufferPointer(
          rebasing: values[range.lowerBound * column.width..<range.upperBound * column.width]))
    }
  }

  func bags(
    _ ids: UnsafeBufferPointer<ID>, _ offsets: UnsafeBufferPointer<UInt32>, _ pooling: PooledAs, column: Int,
    absent: Absent, threads: Int, into values: UnsafeMutableBufferPointer<Float>
  ) {
    table.lookup(
      ids, bags: offsets, pooling == .sum ? .sum : .mean, column: table.columns[column], absent: absent.ofPack,
      into: values)
  }
}

extension Absent {
  fileprivate var ofPack: PackTable.Absent { self == .zeros ? .zeros : .unknown }
}
