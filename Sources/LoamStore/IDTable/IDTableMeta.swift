/// What one shard of an ID table knows about itself.
struct IDTableMeta: Equatable {
  /// Slots in use: 0 ..< slots.
  var slots: UInt32 = 0
  /// Raised when the table is initialised anew; part of what initial values are drawn from.
  var generation: UInt32 = 0
  /// Slots have strings.
  var hasStrings = false

  static let format: UInt32 = 1

  init() {}

  init(_ bytes: [UInt8], place: String) throws(StoreError) {
    var slots: UInt32 = 0
    var generation: UInt32 = 0
    var strings: UInt32 = 0
    try bytes.reading(place) { (reader) throws(StoreError) in
      guard try reader.number(UInt32.self) == Self.format else { throw reader.damaged("unknown format") }
      slots = try reader.number()
      generation = try reader.number()
      strings = try reader.number()
      try reader.end()
    }
    guard slots <= IDTableLayout.slotsMax, strings <= 1 else {
      throw StoreError(.badBlock, "\(place): \(slots) slots, string flag \(strings)")
    }
    (self.slots, self.generation, hasStrings) = (slots, generation, strings == 1)
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.format)
    writer.append(slots)
    writer.append(generation)
    writer.append(UInt32(hasStrings ? 1 : 0))
    return writer.bytes
  }
}
