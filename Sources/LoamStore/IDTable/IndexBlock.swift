import LoamSchema

/// The content of an index block: 63 cache lines, each five IDs, their slots, and a word with count and overflow flag.
///
/// ```
///   line   id 0 .. id 4   8 bytes each     empty: 0
///          slot 0 .. 4    4 bytes each     empty: 0xFFFFFFFF
///          meta           4 bytes          entries in the low byte; 0x100: an entry of this home lies further on
/// ```
///
/// Entries fill a line from the front, so the first match wins and an empty entry cannot hide ID 0. An entry whose home
/// line is full goes to the next line with room, cyclically; each full line passed on the way is flagged.
enum IndexBlock {
  static let lines = 63
  static let entriesPerLine = 5
  static let lineBytes = 64
  static let bytes = lines * lineBytes
  static let capacity = lines * entriesPerLine
  /// Fuller than this and a block is split: 85 %, where overflows are still few.
  static let splitAbove = 268
  static let absent = UInt32.max

  private static let slotsOffset = 40
  private static let metaOffset = 60
  private static let overflow: UInt32 = 0x100

  /// The shard is picked by bits 48-63 of the hash, the block by bits 47 downward, the line by these 26.
  @inline(__always)
  static func homeLine(_ hash: UInt64) -> Int { Int(((hash & 0x3FF_FFFF) &* UInt64(lines)) >> 26) }

  /// The slot of the ID, or `absent`.
  @inline(__always)
  static func find(_ block: UnsafeRawPointer, _ id: ID, hash: UInt64) -> UInt32 {
    let line = homeLine(hash)
    let start = block + line &* lineBytes
    let slot = match(start, id)
    if slot != absent || meta(start) & overflow == 0 { return slot }
    return findFurther(block, id, after: line)
  }

  private static func findFurther(_ block: UnsafeRawPointer, _ id: ID, after home: Int) -> UInt32 {
    var line = home
    for _ in 1..<lines {
      line = line + 1 == lines ? 0 : line + 1
      let start = block + line * lineBytes
      let slot = match(start, id)
      if slot != absent || meta(start) & overflow == 0 { return slot }
    }
    return absent
  }

  @inline(__always)
  private static func match(_ line: UnsafeRawPointer, _ id: ID) -> UInt32 {
    let ids = line.assumingMemoryBound(to: UInt64.self)
    let slots = (line + slotsOffset).assumingMemoryBound(to: UInt32.self)
    var slot = ids[4] == id ? slots[4] : absent
    slot = ids[3] == id ? slots[3] : slot
    slot = ids[2] == id ? slots[2] : slot
    slot = ids[1] == id ? slots[1] : slot
    slot = ids[0] == id ? slots[0] : slot
    return slot
  }

  @inline(__always)
  private static func meta(_ line: UnsafeRawPointer) -> UInt32 {
    line.load(fromByteOffset: metaOffset, as: UInt32.self)
  }

  @inline(__always)
  static func count(inLine line: Int, of block: UnsafeRawPointer) -> Int {
    Int(meta(block + line * lineBytes) & 0xFF)
  }

  static func overflows(line: Int, of block: UnsafeRawPointer) -> Bool {
    meta(block + line * lineBytes) & overflow != 0
  }

  static func entry(_ block: UnsafeRawPointer, line: Int, _ position: Int) -> (id: ID, slot: UInt32) {
    let start = block + line * lineBytes
    return (
      start.load(fromByteOffset: position * 8, as: UInt64.self),
      start.load(fromByteOffset: slotsOffset + position * 4, as: UInt32.self)
    )
  }

  /// Entries of the block; `nil` where a line claims more than it can hold.
  static func count(_ block: UnsafeRawPointer) -> Int? {
    var total = 0
    for line in 0..<lines {
      let inLine = count(inLine: line, of: block)
      guard inLine <= entriesPerLine else { return nil }
      total += inLine
    }
    return total
  }

  static func clear(_ block: UnsafeMutableRawPointer) {
    block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    for line in 0..<lines {
      let slots = block + line * lineBytes + slotsOffset
      slots.initializeMemory(as: UInt8.self, repeating: 0xFF, count: entriesPerLine * 4)
    }
  }

  /// The ID must be new and the block not full.
  static func insert(_ block: UnsafeMutableRawPointer, _ id: ID, hash: UInt64, slot: UInt32) {
    var line = homeLine(hash)
    for _ in 0..<lines {
      let start = block + line * lineBytes
      let word = meta(start)
      let count = Int(word & 0xFF)
      if count < entriesPerLine {
        start.storeBytes(of: id, toByteOffset: count * 8, as: UInt64.self)
        start.storeBytes(of: slot, toByteOffset: slotsOffset + count * 4, as: UInt32.self)
        start.storeBytes(of: word + 1, toByteOffset: metaOffset, as: UInt32.self)
        return
      }
      start.storeBytes(of: word | overflow, toByteOffset: metaOffset, as: UInt32.self)
      line = line + 1 == lines ? 0 : line + 1
    }
    preconditionFailure("insert into a full index block")
  }

  /// The slot of the ID, or `absent` where it took `slot` now. The block must not be full.
  @inline(__always)
  static func findOrInsert(_ block: UnsafeMutableRawPointer, _ id: ID, hash: UInt64, slot: UInt32) -> UInt32 {
    var line = homeLine(hash)
    for _ in 0..<lines {
      let start = block + line &* lineBytes
      let known = match(UnsafeRawPointer(start), id)
      if known != absent { return known }
      let word = meta(start)
      let count = Int(word & 0xFF)
      // A line with room hides no entry further on: one that had to pass it would have stayed.
      if count < entriesPerLine {
        start.storeBytes(of: id, toByteOffset: count * 8, as: UInt64.self)
        start.storeBytes(of: slot, toByteOffset: slotsOffset + count * 4, as: UInt32.self)
        start.storeBytes(of: word + 1, toByteOffset: metaOffset, as: UInt32.self)
        return absent
      }
      if word & overflow == 0 { start.storeBytes(of: word | overflow, toByteOffset: metaOffset, as: UInt32.self) }
      line = line + 1 == lines ? 0 : line + 1
    }
    preconditionFailure("insert into a full index block")
  }

  /// Takes an entry out; `false`: it is not there. Flags stay as they are, which lookups bear.
  static func remove(_ block: UnsafeMutableRawPointer, _ id: ID, hash: UInt64) -> Bool {
    var line = homeLine(hash)
    for _ in 0..<lines {
      let start = block + line * lineBytes
      let word = meta(start)
      let last = Int(word & 0xFF) - 1
      for position in 0..<max(last + 1, 0) where entry(block, line: line, position).id == id {
        // The last entry takes its place: a line is filled from the front.
        let moved = entry(block, line: line, last)
        start.storeBytes(of: moved.id, toByteOffset: position * 8, as: UInt64.self)
        start.storeBytes(of: moved.slot, toByteOffset: slotsOffset + position * 4, as: UInt32.self)
        start.storeBytes(of: 0, toByteOffset: last * 8, as: UInt64.self)
        start.storeBytes(of: absent, toByteOffset: slotsOffset + last * 4, as: UInt32.self)
        start.storeBytes(of: word - 1, toByteOffset: metaOffset, as: UInt32.self)
        return true
      }
      if word & overflow == 0 { return false }
      line = line + 1 == lines ? 0 : line + 1
    }
    return false
  }

  static func hasOverflows(_ block: UnsafeRawPointer) -> Bool {
    (0..<lines).contains { overflows(line: $0, of: block) }
  }

  /// What a shard without index blocks is searched in.
  // Never written after it was made, never freed: safe to share.
  nonisolated(unsafe) static let empty: UnsafeRawPointer = {
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    clear(block)
    return UnsafeRawPointer(block)
  }()
}
