/// The rows of a NumPy array `[rows, dimension]`, from a .npy file or an entry of a .npz archive.
final class ArraySource: VectorSource {
  let format: ImportFormat
  let type: ElementType
  private let array: NPYArray
  private let ids: any IDFeed
  private var done = 0

  init(_ format: ImportFormat, _ array: NPYArray, _ ids: any IDFeed) throws(ImportError) {
    let shape = array.header.shape
    guard case .real(let type) = array.header.type, shape.count == 2, shape[0] > 0,
      (1...ImportLimits.dimension).contains(shape[1])
    else {
      throw ImportError(
        .mismatch, "\(array.name): expected vectors as real numbers [rows, dimension], found \(array.header.summary)")
    }
    (self.format, self.array, self.ids, self.type) = (format, array, ids, type)
  }

  var dimension: Int { array.header.shape[1] }
  var rowCount: Int? { array.header.shape[0] }
  var placeName: String { "row" }
  var feed: (any ByteFeed)? { array.stream.feed }

  func next(_ batch: VectorBatch) throws(ImportError) {
    batch.clear()
    let count = min(batch.capacity, array.header.shape[0] - done)
    if count == 0 {
      try array.end()
      return try ids.end(rows: done)
    }
    let done = done
    try array.stream.take(
      into: UnsafeMutableRawBufferPointer(rebasing: batch.values[..<(count * batch.stride)]),
      of: "rows \(done) to \(done + count - 1)")
    try ids.append(count, from: done, to: batch)
    batch.places += done..<done + count
    batch.count = count
    self.done += count
  }
}
