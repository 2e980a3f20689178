import LoamKernels

/// How the rows of a bag become one.
public enum Pooling {
  case sum
  /// The sum divided by the number of IDs, absent ones among them.
  case mean
  /// The sum of rows times weights, one for each ID.
  case weighted(UnsafeBufferPointer<Float>)
}

/// Which IDs are pooled into one row. Rows are added in the order of IDs, so that the result depends on nothing else.
struct LookupBags {
  private let offsets: UnsafeBufferPointer<UInt32>
  private let weights: UnsafePointer<Float>?
  private let isMean: Bool

  init(_ offsets: UnsafeBufferPointer<UInt32>, _ pooling: Pooling, ids: Int) {
    precondition(
      offsets.count > 0 && offsets[0] == 0 && Int(offsets[offsets.count - 1]) == ids,
      "offsets from 0 to the number of IDs")
    precondition((1..<offsets.count).allSatisfy { offsets[$0 - 1] <= offsets[$0] }, "offsets that ascend")
    self.offsets = offsets
    switch pooling {
    case .sum: (weights, isMean) = (nil, false)
    case .mean: (weights, isMean) = (nil, true)
    case .weighted(let given):
      precondition(given.count == ids, "a weight for each ID")
      (weights, isMean) = (given.baseAddress, false)
    }
  }

  var count: Int { offsets.count - 1 }

  /// The IDs of some bags.
  func ids(of bags: Range<Int>) -> Range<Int> { Int(offsets[bags.lowerBound])..<Int(offsets[bags.upperBound]) }

  /// The bags of a piece that begins at one: all that have at most `idsMax` IDs together, at least one.
  func piece(from bag: Int, idsMax: Int) -> Range<Int> {
    let start = Int(offsets[bag])
    var end = bag + 1
    while end < count, Int(offsets[end + 1]) - start <= idsMax { end += 1 }
    return bag..<end
  }

  func begin(_ bags: Range<Int>, width: Int, _ out: UnsafeMutablePointer<Float>) {
    (out + bags.lowerBound * width).update(repeating: 0, count: bags.count * width)
  }

  /// Adds the rows of IDs, the first of which is the `position`th of all.
  func add(
    _ type: loam_row_type, _ rows: UnsafePointer<UnsafeRawPointer?>, at first: Int, count: Int, width: Int,
    _ out: UnsafeMutablePointer<Float>
  ) {
    var bag = self.bag(of: first)
    var position = first
    while position < first + count {
      while Int(offsets[bag + 1]) <= position { bag += 1 }
      let end = min(Int(offsets[bag + 1]), first + count)
      loam_lookup_add(
        type, rows + (position - first), weights.map { $0 + position }, end - position, width, out + bag * width)
      position = end
    }
  }

  func end(_ bags: Range<Int>, width: Int, _ out: UnsafeMutablePointer<Float>) {
    guard isMean else { return }
    for bag in bags where offsets[bag + 1] > offsets[bag] + 1 {
      let count = Float(offsets[bag + 1] - offsets[bag])
      for element in bag * width..<(bag + 1) * width { out[element] /= count }
    }
  }

  /// The last bag that begins at or before the ID.
  private func bag(of position: Int) -> Int {
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if Int(offsets[middle]) <= position { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
