import LoamSchema
import Synchronization

/// One shard of a timeline as a snapshot shows it. Blocks are read where they lie in the map.
final class TimelineShard: Sendable {
  let snapshot: Snapshot
  let spec: TableSpec
  let fields: [TimelineFieldSpec]
  let number: Int
  let meta: TimelineMeta
  /// Oldest first.
  let segments: [TimelineSegment]

  init(_ snapshot: Snapshot, _ spec: TableSpec, _ fields: [TimelineFieldSpec], number: Int) throws(StoreError) {
    (self.snapshot, self.spec, self.fields, self.number) = (snapshot, spec, fields, number)
    meta = try TimelineMeta(snapshot, spec, shard: number)
    segments = meta.segments.map(TimelineSegment.init)
    let places = Dictionary(uniqueKeysWithValues: segments.enumerated().map { ($1.meta.number, $0) })
    for block in try snapshot.blocks(table: spec.number, column: TimelineMeta.events, shard: number) {
      let index = Int(block.address.block & UInt64(TimelineMeta.blocksPerSegmentMax - 1))
      let payload = block.payload
      guard let segment = places[UInt32(truncatingIfNeeded: block.address.block >> 24)],
        index < segments[segment].blockCount, let content = payload.baseAddress, UInt(bitPattern: content) % 8 == 0
      else { throw StoreError(.badBlock, "\(spec.name) shard \(number) \(block.address): not a block of a segment") }
      let words = segments[segment].words
      words[index] = .unverified(content)
    }
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
