import LoamStore

/// Memory to update the rows of one shard with. One thread uses it: the one that has the shard for the moment.
final class ShardScratch {
  /// Rows of a group of `IDTableWriter.update` at most.
  static let groupRowsMax = 4_096

  /// Every row of the shard, for optimizers that touch all of them at each step.
  private var every: [RowReference] = []
  /// Above every row's slot. More than there are rows where some were removed.
  private var slotsEnd = 0
  /// The largest count that a row of an ID will have after the step.
  var mostOccurrences: UInt64 = 0
  /// Of the step's rows of the shard, that of missing IDs left out.
  var occurrences: UInt64 = 0
  /// The rows to update, and each one's place among the batch's rows; -1: a row that the batch does not name.
  private(set) var rows: [RowReference] = []
  fileprivate var places: [Int32] = []
  private var placeOfSlot: [Int32] = []
  let keep = UnsafeMutablePointer<Float>.allocate(capacity: groupRowsMax)
  let rates = UnsafeMutablePointer<Float>.allocate(capacity: groupRowsMax)
  let gradients = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(capacity: groupRowsMax)
  /// The gradient of rows that the batch does not name.
  fileprivate private(set) var zeros = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)

  deinit {
    keep.deallocate()
    rates.deallocate()
    gradients.deallocate()
    zeros.deallocate()
  }

  func add(_ row: RowReference) {
    every.append(row)
    slotsEnd = max(slotsEnd, Int(row.slot) + 1)
  }

  /// - Parameter range: the places of the shard's rows among those of the batch.
  func begin(_ references: [RowReference], _ range: Range<Int>, everyRow: Bool) {
    rows.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    guard everyRow else {
      rows += references[range]
      places += Int32(range.lowerBound)..<Int32(range.upperBound)
      return
    }
    rows += every
    if placeOfSlot.count < slotsEnd {
      placeOfSlot += repeatElement(-1, count: slotsEnd * 5 / 4 + 1 - placeOfSlot.count)
    }
    for place in range { placeOfSlot[Int(references[place].slot)] = Int32(place) }
    for row in every { places.append(placeOfSlot[Int(row.slot)]) }
    for place in range { placeOfSlot[Int(references[place].slot)] = -1 }
  }

  fileprivate func zeros(_ width: Int) -> UnsafePointer<Float> {
    if zeros.count < width {
      zeros.deallocate()
      zeros = .allocate(capacity: width)
      zeros.initialize(repeating: 0)
    }
    return UnsafePointer(zeros.baseAddress!)
  }
}

/// The rows of one group of an update.
struct RowPart {
  let group: UpdateGroup
  let scratch: ShardScratch

  init(_ group: UpdateGroup, _ scratch: ShardScratch) {
    precondition(group.count <= ShardScratch.groupRowsMax, "groups of \(group.count) rows")
    (self.group, self.scratch) = (group, scratch)
  }

  /// A row's place among the batch's; `nil`: the batch does not name it.
  func place(_ index: Int) -> Int? {
    let place = scratch.places[group.first + index]
    return place < 0 ? nil : Int(place)
  }

  func pointGradients(into sums: UnsafePointer<Float>, width: Int) {
    let zeros = scratch.zeros(width)
    for index in 0..<group.count { scratch.gradients[index] = place(index).map { sums + $0 * width } ?? zeros }
  }

  /// Takes the factors of the rows' rates; 1 for those outside the batch.
  func takeRates(_ factors: UnsafePointer<Float>) {
    for index in 0..<group.count { scratch.rates[index] = place(index).map { factors[$0] } ?? 1 }
  }
}
