import LoamSchema
import Synchronization

/// One shard of a timeline as a snapshot shows it. Blocks are read where they lie in the map.
// Sendable: the table of references is written before anyone else has the shard.
final class TimelineShard: @unchecked Sendable {
  let snapshot: Snapshot
  let spec: TableSpec
  let fields: [TimelineFieldSpec]
  let number: Int
  let meta: TimelineMeta
  /// Oldest first.
  let segments: [TimelineSegment]
  /// The same without reference counts, which threads that read at once would fight over.
  let places: UnsafeMutableBufferPointer<Unmanaged<TimelineSegment>>

  deinit { places.deallocate() }

  init(_ snapshot: Snapshot, _ spec: TableSpec, _ fields: [TimelineFieldSpec], number: Int) throws(StoreError) {
    (self.snapshot, self.spec, self.fields, self.number) = (snapshot, spec, fields, number)
    meta = try TimelineMeta(snapshot, spec, shard: number)
    var contents = meta.segments.map { _ in [(index: Int, content: UnsafeRawBufferPointer)]() }
    let positions = Dictionary(meta.segments.enumerated().map { ($1.number, $0) }) { first, _ in first }
    for block in try snapshot.blocks(table: spec.number, column: TimelineMeta.events, shard: number) {
      let index = Int(block.address.block & UInt64(TimelineMeta.blocksPerSegmentMax - 1))
      let payload = block.payload
      guard let segment = positions[UInt32(truncatingIfNeeded: block.address.block >> 24)],
        index < meta.segments[segment].blocks.count, let start = payload.baseAddress, UInt(bitPattern: start) % 8 == 0
      else { throw StoreError(.badBlock, "\(spec.name) shard \(number) \(block.address): not a block of a segment") }
      contents[segment].append((index, payload))
    }
    segments = zip(meta.segments, contents).map { TimelineSegment($0, $1) }
    places = .allocate(capacity: segments.count)
    _ = places.initialize(from: segments.map { Unmanaged.passUnretained($0) })
  }

  /// A block, validated when it is touched for the first time.
  @inline(__always)
  func view(_ segment: TimelineSegment, _ index: Int) throws(StoreError) -> EventBlockView {
    let word = segment.words[index]
    if word.isNone || word.isUnverified { return try validated(segment, index) }
    return EventBlockView(word.content)
  }

  @inline(never)
  private func validated(_ segment: TimelineSegment, _ index: Int) throws(StoreError) -> EventBlockView {
    let address = TimelineMeta.address(spec, segment: segment.meta.number, block: index)
    let place = "\(spec.name) shard \(number) segment \(segment.meta.number) block \(index)"
    guard let block = try snapshot.block(address, shard: number), let content = block.payload.baseAddress else {
      throw StoreError(.badBlock, "\(place) is missing")
    }
    guard try block.header().codec == .plain else { throw StoreError(.badBlock, "\(place) is not plain") }
    let entry = segment.meta.blocks[index]
    try EventBlockEncoding.validate(block.payload, count: entry.events, fields, place: place)
    let view = EventBlockView(content)
    guard view.entityIDs[0] == entry.entity, Timestamp(bitPattern: view.times[0]) == entry.time else {
      throw StoreError(.badBlock, "\(place) does not begin with the event that its segment names")
    }
    let words = segment.words
    words[index] = .verified(content)
    return view
  }

  func decoded(_ segment: TimelineSegment, _ index: Int) throws(StoreError) -> EventBlock {
    EventBlock(try view(segment, index))
  }
}
