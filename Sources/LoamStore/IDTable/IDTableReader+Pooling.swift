import LoamKernels
import LoamSchema

/// How the rows of a bag become one.
public enum Pooling {
  case sum
  /// The sum divided by the number of IDs, absent ones among them.
  case mean
  /// The sum of rows times weights, one for each ID.
  case weighted(UnsafeBufferPointer<Float>)
}

extension IDTableReader {
  /// Pools the rows of bags of IDs as f32: `[bags, width]`. Bag b is `ids[offsets[b] ..< offsets[b + 1]]`; the row of an
  /// empty one is zeros.
  ///
  /// Rows are added in the order of IDs, so that the result depends on nothing else.
  ///
  /// - Parameter absent: a row as the column stores it, for IDs that have none; zeros without it.
  /// - Throws: `mismatch` where the column is none of f32, f16, bf16 and i8.
  public func lookup(
    _ ids: UnsafeBufferPointer<ID>, bags offsets: UnsafeBufferPointer<UInt32>, _ pooling: Pooling, column: Int,
    absent: UnsafeRawPointer? = nil, into values: UnsafeMutableBufferPointer<Float>
  ) throws(StoreError) {
    let type = try rowType(column)
    let width = spec.columns[column].width
    let bags = offsets.count - 1
    precondition(bags >= 0 && offsets[0] == 0 && Int(offsets[bags]) == ids.count, "offsets from 0 to the number of IDs")
    precondition((0..<bags).allSatisfy { offsets[$0] <= offsets[$0 + 1] }, "offsets that ascend")
    precondition(values.count == bags * width, "\(width) elements for each bag")
    var weights: UnsafePointer<Float>?
    if case .weighted(let given) = pooling {
      precondition(given.count == ids.count, "a weight for each ID")
      weights = given.baseAddress
    }
    guard let out = values.baseAddress else { return }
    values.update(repeating: 0)
    var bag = 0
    try forEachGroup(of: ids, column: column, absent: absent) { first, count, rows in
      var position = first
      while position < first + count {
        while Int(offsets[bag + 1]) <= position { bag += 1 }
        let end = min(Int(offsets[bag + 1]), first + count)
        loam_lookup_add(
          type, rows + (position - first), weights.map { $0 + position }, end - position, width, out + bag * width)
        position = end
      }
    }
    guard case .mean = pooling else { return }
    for bag in 0..<bags where offsets[bag + 1] > offsets[bag] + 1 {
      let count = Float(offsets[bag + 1] - offsets[bag])
      for element in bag * width..<(bag + 1) * width { out[element] /= count }
    }
  }
}
