import LoamKernels

/// Changed rows of one column in one shard, each in a copy of its own.
///
/// ```
///   slot ─▶ table, open addressing: slot << 32 | place + 1 ─▶ pieces, as large as a block's copy: row row row ...
/// ```
///
/// A row stays where it is until `removeAll`: pointers to it are handed out.
struct RowCopies: ~Copyable {
  private static let isGone: UInt64 = 1 << 31
  private static let capacityLeast = 512
  private static let entryBytes = 8

  private let layout: RowLayout
  private let memory: CopyMemory
  private var pieces: [UnsafeMutableRawPointer] = []
  private var table: UnsafeMutablePointer<UInt64>?
  private var capacity = 0
  /// Entries of the table, those that are gone too.
  private var used = 0
  private var counts: [UInt32] = []
  /// Blocks of which half of the rows are here: a copy of the whole takes no more memory.
  private(set) var dense: [Int] = []

  init(_ layout: RowLayout, _ memory: CopyMemory) { (self.layout, self.memory) = (layout, memory) }

  deinit { deallocate() }

  var bytes: Int {
    pieces.count * CopyMemory.pieceBytes(layout.fullBytes)
      + (capacity == 0 ? 0 : CopyMemory.pieceBytes(capacity * Self.entryBytes))
  }

  /// Rows of a block that have a copy.
  @inline(__always)
  func count(block: Int) -> Int { block < counts.count ? Int(counts[block]) : 0 }

  @inline(__always)
  private func home(_ slot: UInt32) -> Int {
    Int(truncatingIfNeeded: (UInt64(slot) &* 0x9E37_79B9_7F4A_7C15) >> 32) & (capacity - 1)
  }

  /// Of the slot, or the empty one where it belongs.
  @inline(__always)
  private func place(_ slot: UInt32) -> Int {
    var place = home(slot)
    while table![place] != 0, table![place] >> 32 != UInt64(slot) { place = (place + 1) & (capacity - 1) }
    return place
  }

  @inline(__always)
  private func row(_ entry: UInt64) -> UnsafeMutableRawPointer {
    let number = UInt32(truncatingIfNeeded: entry & ~Self.isGone) &- 1
    let piece = layout.block(of: number)
    return pieces[piece] + layout.offset(of: number, block: piece)
  }

  /// The slot's entry is soon looked for.
  @inline(__always)
  func prefetch(_ slot: UInt32) {
    if let table { loam_prefetch_read(table + home(slot)) }
  }

  /// The copy of a slot's row.
  @inline(__always)
  func row(_ slot: UInt32) -> UnsafeMutableRawPointer? {
    guard let table else { return nil }
    let entry = table[place(slot)]
    return entry == 0 || entry & Self.isGone != 0 ? nil : row(entry)
  }

  /// A copy for a slot that has none, its content undefined.
  mutating func add(_ slot: UInt32, block: Int) -> UnsafeMutableRawPointer {
    if 2 * (used + 1) > capacity { grow() }
    let place = place(slot)
    if table![place] != 0 {
      // Where it lay before it was gone: nobody else was given the place.
      table![place] &= ~Self.isGone
    } else {
      if used == pieces.count * layout.rowsPerBlock { pieces.append(memory.allocate(layout.fullBytes)) }
      used += 1
      table![place] = UInt64(slot) << 32 | UInt64(used)
    }
    if block >= counts.count { counts += repeatElement(0, count: block + 1 + block / 4 - counts.count) }
    counts[block] += 1
    if Int(counts[block]) == (layout.rowsPerBlock + 1) / 2 { dense.append(block) }
    return row(table![place])
  }

  private mutating func grow() {
    let (old, oldCapacity) = (table, capacity)
    capacity = max(Self.capacityLeast, 2 * oldCapacity)
    let start = memory.allocate(capacity * Self.entryBytes)
    start.initializeMemory(as: UInt64.self, repeating: 0, count: capacity)
    table = start.assumingMemoryBound(to: UInt64.self)
    guard let old else { return }
    for index in 0..<oldCapacity where old[index] != 0 { table![place(UInt32(old[index] >> 32))] = old[index] }
    memory.deallocate(old, oldCapacity * Self.entryBytes)
  }

  /// The row of a slot is elsewhere now.
  mutating func remove(_ slot: UInt32, block: Int) {
    let place = place(slot)
    guard table![place] != 0, table![place] & Self.isGone == 0 else { return }
    table![place] |= Self.isGone
    counts[block] -= 1
  }

  mutating func takeDense() -> [Int] {
    defer { dense = [] }
    return dense
  }

  /// Gives the memory back.
  mutating func removeAll() {
    deallocate()
    (pieces, table, capacity, used, counts, dense) = ([], nil, 0, 0, [], [])
  }

  private func deallocate() {
    for piece in pieces { memory.deallocate(piece, layout.fullBytes) }
    if let table { memory.deallocate(table, capacity * Self.entryBytes) }
  }
}
