/// What one shard of an ID table knows about itself.
struct IDTableMeta: Equatable {
  /// Slots ever given out: 0 ..< slots.
  var slots: UInt32 = 0
  /// Those among them that have no ID now.
  var free: UInt32 = 0
  /// Raised when the table is initialised anew; part of what initial values are drawn from.
  var generation: UInt32 = 0
  /// Slots have strings.
  var hasStrings = false

  /// Without free slots the first format is written, which has no number of them.
  static let (format, formatWithFree): (UInt32, UInt32) = (1, 2)

  init() {}

  init(_ bytes: [UInt8], place: String) throws(StoreError) {
    var slots: UInt32 = 0
    var free: UInt32 = 0
    var generation: UInt32 = 0
    var strings: UInt32 = 0
    try bytes.reading(place) { (reader) throws(StoreError) in
      let format: UInt32 = try reader.number()
      guard format == Self.format || format == Self.formatWithFree else { throw reader.damaged("unknown format") }
      slots = try reader.number()
      generation = try reader.number()
      strings = try reader.number()
      if format == Self.formatWithFree { free = try reader.number() }
      try reader.end()
    }
    guard slots <= IDTableLayout.slotsMax, free <= slots, strings <= 1 else {
      throw StoreError(.badBlock, "\(place): \(slots) slots, \(free) of them free, string flag \(strings)")
    }
    (self.slots, self.free, self.generation, hasStrings) = (slots, free, generation, strings == 1)
  }

  /// IDs.
  var rows: UInt32 { slots - free }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.append(free == 0 ? Self.format : Self.formatWithFree)
    writer.append(slots)
    writer.append(generation)
    writer.append(UInt32(hasStrings ? 1 : 0))
    if free > 0 { writer.append(free) }
    return writer.bytes
  }
}
