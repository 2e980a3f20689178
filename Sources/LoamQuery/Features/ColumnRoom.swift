import LoamKernels
import LoamSchema
import LoamStore

/// Room to put a window's columns of one ID a row together in, one column after the other.
///
/// An ID that several groups have becomes one, and codes are numbered as they are read, so that what is known of an ID
/// lies beside what is known of those that are read with it. One column at a time, all of it stays in the cache.
final class ColumnRoom {
  /// By place; 0 is `ID.missing`.
  private let ids = GrowingRoom<ID>()
  private let slots = GrowingRoom<UInt64>()
  private var distinct = loam_id_set()
  /// Of the IDs of a group.
  private let places = GrowingRoom<UInt32>()
  /// A place a row, in the order of the groups.
  private let codes = GrowingRoom<UInt32>()
  private let numbers = GrowingRoom<UInt32>()
  private let listed = GrowingRoom<UInt32>()
  private(set) var rowCount = 0

  private static let slotBitsMin: UInt32 = 6

  /// Begins a column of at most `rowsMax` rows.
  func begin(rowsMax: Int) {
    rowCount = 0
    codes.reserve(rowsMax)
    ids.reserve(1)
    ids.start[0] = .missing
    distinct.count = 1
    setSlots(bits: Self.slotBitsMin)
  }

  func append(_ group: StoredIDs) {
    let (count, rows) = (group.distinct.count / MemoryLayout<ID>.stride, group.codes.count / group.codeBytes)
    precondition(rowCount + rows <= codes.capacity, "more rows than the column began with")
    ids.reserve(distinct.count + count, keeping: distinct.count)
    let bits = UInt32(Int.bitWidth - ((distinct.count + count) * 4 / 3).leadingZeroBitCount)
    if bits > distinct.bits { setSlots(bits: bits) }
    distinct.ids = ids.start
    places.reserve(count + 1)
    loam_place_ids(&distinct, group.distinct.baseAddress, count, places.start)
    places.start[count] = IDColumn.missing
    loam_place_codes(
      codes.start + rowCount, group.codes.baseAddress, group.codeBytes, rows, places.start, UInt32(count))
    rowCount += rows
  }

  private func setSlots(bits: UInt32) {
    slots.reserve(1 << bits)
    slots.start.update(repeating: 0, count: 1 << bits)
    (distinct.ids, distinct.slots, distinct.bits) = (ids.start, slots.start, bits)
    loam_fill_slots(&distinct)
  }

  /// Numbers the codes of the rows in the given order into `out`. Returns how many distinct ones there are.
  func number(_ order: [UInt32], into out: UnsafeMutablePointer<UInt32>) -> Int {
    precondition(order.count == rowCount, "an order of \(order.count) of \(rowCount) rows")
    numbers.reserve(distinct.count)
    numbers.start.update(repeating: 0, count: distinct.count)
    listed.reserve(distinct.count + 1)
    return order.withUnsafeBufferPointer {
      loam_number_in_order(out, codes.start, $0.baseAddress, rowCount, numbers.start, listed.start)
    }
  }

  /// The IDs of the numbers that `number` gave.
  func copyDistinct(_ count: Int, to out: UnsafeMutablePointer<ID>) {
    for number in 0..<count { out[number] = ids.start[Int(listed.start[number])] }
  }

  /// At least as many as `number` will find.
  var distinctMax: Int { distinct.count }
}

/// Memory that grows and is used again.
private final class GrowingRoom<Element: BitwiseCopyable> {
  private(set) var start = UnsafeMutablePointer<Element>.allocate(capacity: 0)
  private(set) var capacity = 0

  deinit { start.deallocate() }

  /// - Parameter kept: how many elements stay.
  func reserve(_ count: Int, keeping kept: Int = 0) {
    guard count > capacity else { return }
    capacity = max(count, capacity * 5 / 4)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    larger.update(from: start, count: kept)
    start.deallocate()
    start = larger
  }
}
