import LoamKernels
import LoamSchema

/// Lookups, by the kernels of lookups in a store from the addresses of the rows on.
extension PackTable {
  static let groupCount = Int(LOAM_PACK_GROUP)

  /// How the rows of a bag become one.
  public enum Pooling: Sendable { case sum, mean }

  /// Rows as f32: `[ids, width]`.
  public func lookup(
    _ ids: UnsafeBufferPointer<ID>, column: Column, absent: Absent = .unknown,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(values.count == ids.count * column.width, "\(column.width) elements for each ID")
    guard let out = values.baseAddress else { return }
    forEachPlaces(of: ids, column, absent) { first, count, places in
      loam_lookup_convert(column.type.row, places, count, column.width, out + first * column.width)
    }
  }

  /// Rows as they are stored: `[ids, stride]`.
  public func lookup(
    _ ids: UnsafeBufferPointer<ID>, column: Column, absent: Absent = .unknown,
    into rows: UnsafeMutableRawBufferPointer
  ) {
    precondition(rows.count == ids.count * column.stride, "\(column.stride) bytes for each ID")
    guard let out = rows.baseAddress else { return }
    forEachPlaces(of: ids, column, absent) { first, count, places in
      loam_lookup_copy(places, count, column.stride, out + first * column.stride)
    }
  }

  /// The rows of bags as one each: `[bags, width]`. Bag b is `ids[offsets[b] ..< offsets[b + 1]]`, added in this order;
  /// the row of an empty one is zeros.
  public func lookup(
    _ ids: UnsafeBufferPointer<ID>, bags offsets: UnsafeBufferPointer<UInt32>, _ pooling: Pooling, column: Column,
    absent: Absent = .unknown, into values: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(offsets.first == 0 && offsets.last.map(Int.init) == ids.count, "offsets from 0 to the number of IDs")
    precondition(zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }, "offsets that ascend")
    let (width, bags) = (column.width, offsets.count - 1)
    precondition(values.count == bags * width, "\(width) elements for each bag")
    guard let out = values.baseAddress else { return }
    values.update(repeating: 0)
    var bag = 0
    forEachPlaces(of: ids, column, absent) { first, count, places in
      var position = first
      while position < first + count {
        while Int(offsets[bag + 1]) <= position { bag += 1 }
        let end = min(Int(offsets[bag + 1]), first + count)
        loam_lookup_add(column.type.row, places + (position - first), nil, end - position, width, out + bag * width)
        position = end
      }
    }
    guard pooling == .mean else { return }
    for bag in 0..<bags where offsets[bag + 1] > offsets[bag] + 1 {
      let count = Float(offsets[bag + 1] - offsets[bag])
      for element in bag * width..<(bag + 1) * width { out[element] /= count }
    }
  }

  func forEachGroup(of ids: UnsafeBufferPointer<ID>, _ body: (Int, UnsafeBufferPointer<ID>) -> Void) {
    for first in stride(from: 0, to: ids.count, by: Self.groupCount) {
      body(first, UnsafeBufferPointer(rebasing: ids[first..<min(first + Self.groupCount, ids.count)]))
    }
  }

  /// Runs `body` on the addresses of the rows of each group of IDs: position of the first, number, addresses.
  private func forEachPlaces(
    of ids: UnsafeBufferPointer<ID>, _ column: Column, _ absent: Absent,
    _ body: (Int, Int, UnsafePointer<UnsafeRawPointer?>) -> Void
  ) {
    withUnsafePointer(to: column.column) { kernel in
      let unknown = absent == .unknown ? loam_pack_row(kernel, table.unknown) : nil
      withUnsafeTemporaryAllocation(byteCount: unknown == nil ? column.stride : 0, alignment: 8) { zeros in
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        let instead = unknown ?? UnsafeRawPointer(zeros.baseAddress!)
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: Self.groupCount) { places in
          let start = places.baseAddress!
          forEachGroup(of: ids) { first, group in
            loam_pack_locate(kernel, group.baseAddress, group.count, instead, start)
            body(first, group.count, start)
          }
        }
      }
    }
  }
}
