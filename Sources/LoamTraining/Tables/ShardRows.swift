import LoamKernels
import LoamStore

/// The rows that one step updates in one shard of a table, and memory to work on a strip of them at a time.
///
/// One thread uses it: the one that owns the shard for the moment.
final class ShardRows {
  /// Places in the batch's list of distinct rows, rising.
  fileprivate(set) var places: [UInt32] = []
  /// Every row of the shard, for optimizers that touch all of them at each step.
  var every: [RowReference] = []
  /// Which of the batch's rows each of `every` is, by slot; -1: none.
  private var placeOfSlot: [Int32] = []
  let strip = RowStrip()

  /// Sorts the batch's rows into the shards.
  static func sort(_ references: [RowReference], into shards: [ShardRows]) {
    for shard in shards { shard.places.removeAll(keepingCapacity: true) }
    for (place, row) in references.enumerated() { shards[row.shard].places.append(UInt32(place)) }
  }

  /// Visits all rows to update, at most `RowStrip.rowsMax` at a time.
  func forEachStrip(
    _ references: [RowReference], everyRow: Bool, _ body: (RowStrip) throws(StoreError) -> Void
  ) throws(StoreError) {
    if everyRow { return try forEachStripOfAll(references, body) }
    for start in stride(from: 0, to: places.count, by: RowStrip.rowsMax) {
      strip.count = min(RowStrip.rowsMax, places.count - start)
      for index in 0..<strip.count {
        let place = places[start + index]
        strip.places[index] = Int32(place)
        strip.rows[index] = references[Int(place)]
      }
      try body(strip)
    }
  }

  private func forEachStripOfAll(_ references: [RowReference], _ body: (RowStrip) throws(StoreError) -> Void)
    throws(StoreError)
  {
    if placeOfSlot.count < every.count {
      placeOfSlot += repeatElement(-1, count: every.count * 5 / 4 - placeOfSlot.count)
    }
    for place in places { placeOfSlot[Int(references[Int(place)].slot)] = Int32(place) }
    defer { for place in places { placeOfSlot[Int(references[Int(place)].slot)] = -1 } }
    for start in stride(from: 0, to: every.count, by: RowStrip.rowsMax) {
      strip.count = min(RowStrip.rowsMax, every.count - start)
      for index in 0..<strip.count {
        strip.rows[index] = every[start + index]
        strip.places[index] = placeOfSlot[Int(every[start + index].slot)]
      }
      try body(strip)
    }
  }
}

/// Some rows of one shard as the kernels want them: arrays of pointers.
///
/// Few enough that the rows stay in the cache between the time they are asked for and the time they are updated.
final class RowStrip {
  static let rowsMax = 256
  static let slotsMax = 3

  var count = 0
  /// Places among the batch's distinct rows; -1: a row that the batch does not name.
  let places = UnsafeMutablePointer<Int32>.allocate(capacity: rowsMax)
  let rows = UnsafeMutablePointer<RowReference>.allocate(capacity: rowsMax)
  let keep = UnsafeMutablePointer<Float>.allocate(capacity: rowsMax)
  let rates = UnsafeMutablePointer<Float>.allocate(capacity: rowsMax)
  let weights = UnsafeMutablePointer<UnsafeMutablePointer<Float>?>.allocate(capacity: rowsMax)
  let gradients = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(capacity: rowsMax)
  /// The optimizer's columns, one array of pointers each.
  let slots = (0..<slotsMax).map { _ in UnsafeMutablePointer<UnsafeMutablePointer<Float>?>.allocate(capacity: rowsMax) }
  private var zeros = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  private var zerosCount = 0

  deinit {
    places.deallocate()
    rows.deallocate()
    keep.deallocate()
    rates.deallocate()
    weights.deallocate()
    gradients.deallocate()
    for slot in slots { slot.deallocate() }
    zeros.deallocate()
  }

  /// Points at the gradient of each row, at zeros for those outside the batch.
  func pointGradients(into sums: UnsafePointer<Float>, width: Int) {
    if zerosCount < width {
      zeros.deallocate()
      zeros = .allocate(capacity: width)
      zeros.initialize(repeating: 0, count: width)
      zerosCount = width
    }
    for index in 0..<count {
      gradients[index] = places[index] < 0 ? UnsafePointer(zeros) : sums + Int(places[index]) * width
    }
  }

  /// Takes the factors of the rows' rates; 1 for those outside the batch.
  func takeRates(_ factors: UnsafePointer<Float>) {
    for index in 0..<count { rates[index] = places[index] < 0 ? 1 : factors[Int(places[index])] }
  }
}
