import LoamSchema

/// The bytes of a block of events, stored plain so that a reader takes what it needs and no more.
///
/// ```
///   events u32, entities u32, columns u32, 0 u32
///   a descriptor of 32 bytes for each column (PackedColumn)
///   tables and codes
///   zeros: at least 8, and up to a page of its own
/// ```
///
/// Columns: entity and position of its first event, a number each for every entity; then for every event time,
/// known at less the time, arrival, and the fields.
enum EventBlockEncoding {
  /// Events are cut into blocks by what they would take unpacked.
  static let unpackedBytesMax = 128 << 10
  static let headerBytes = 16
  /// Entity, first, time, delay, arrival.
  static let ownColumns = 5
  /// With the header before it and LMDB's, a value that has pages of its own: it does not move, and is aligned.
  private static let bytesMin = 4_096 - 64

  static func eventsMax(fields: [TimelineFieldSpec]) -> Int {
    let bytes = fields.reduce(36) { $0 + ($1.kind == .id ? 8 : 4) }
    return max(1, unpackedBytesMax / bytes)
  }

  static func encode(_ block: EventBlock) -> [UInt8] {
    var entities: [ID] = []
    var firsts: [UInt64] = []
    for (position, entity) in block.entities.enumerated() where entities.last != entity {
      entities.append(entity)
      firsts.append(UInt64(position))
    }
    let times = block.times.map { UInt64(bitPattern: $0) }
    let delays = zip(block.knownAts, block.times).map { UInt64(bitPattern: $0 &- $1) }
    let columns = [entities, firsts, times, delays, block.arrivals] + block.fields
    var header = ByteWriter()
    header.append(UInt32(block.count))
    header.append(UInt32(entities.count))
    header.append(UInt32(columns.count))
    header.append(UInt32(0))
    var content = [UInt8](repeating: 0, count: headerBytes + columns.count * PackedColumn.descriptorBytes)
    for (index, numbers) in columns.enumerated() {
      let packing = ColumnPacking(numbers, signed: index == 2 || index == 3)
      packing.append(numbers, to: &content, descriptors: &header)
    }
    content.replaceSubrange(0..<header.bytes.count, with: header.bytes)
    let padding = max(PackedColumn.tailBytes, bytesMin - content.count)
    content.append(contentsOf: repeatElement(0, count: padding))
    return content
  }

  /// Throws `badBlock` for any bytes that are not `count` events of at most so many fields, of entities in order.
  static func validate(
    _ content: UnsafeRawBufferPointer, count: Int, _ specs: [TimelineFieldSpec], place: String
  ) throws(StoreError) {
    guard content.count >= headerBytes + PackedColumn.tailBytes else {
      throw StoreError(.badBlock, "\(place): \(content.count) bytes are no events")
    }
    func number(_ offset: Int) -> Int { Int(content.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    let (events, entities, columns) = (number(0), number(4), number(8))
    guard events == count, entities > 0, entities <= events else {
      throw StoreError(.badBlock, "\(place): expected \(count) events, found \(events) of \(entities) entities")
    }
    guard columns >= ownColumns, columns <= ownColumns + specs.count,
      headerBytes + columns * PackedColumn.descriptorBytes <= content.count
    else { throw StoreError(.badBlock, "\(place): \(columns) columns where the timeline has \(specs.count) fields") }
    for column in 0..<columns {
      try PackedColumn.validate(
        content, descriptor: headerBytes + column * PackedColumn.descriptorBytes,
        count: column < 2 ? entities : events, place: place)
    }
    let view = EventBlockView(content.baseAddress!)
    var previous: (hash: UInt64, first: UInt64)?
    for index in 0..<entities {
      let next = (hash: view.hash(index), first: view.firsts[index])
      guard previous.map({ $0.hash < next.hash && $0.first < next.first }) ?? (next.first == 0), next.first < events
      else { throw StoreError(.badBlock, "\(place): entity \(index) is not in its place") }
      previous = next
    }
  }

  /// Throws `badBlock` for any bytes that are not `count` events.
  static func decode(_ content: [UInt8], count: Int, _ specs: [TimelineFieldSpec], place: String) throws(StoreError)
    -> EventBlock
  {
    // The standard library's withUnsafeBytes keeps no typed error, hence the Result.
    let result = content.withUnsafeBytes { bytes -> Result<EventBlock, StoreError> in
      do throws(StoreError) {
        try validate(bytes, count: count, specs, place: place)
        return .success(EventBlock(EventBlockView(bytes.baseAddress!)))
      } catch { return .failure(error) }
    }
    return try result.get()
  }
}
