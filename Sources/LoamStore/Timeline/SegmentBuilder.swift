import LoamSchema

/// Cuts events that come in order into the blocks of a new segment, and puts them as they fill.
struct SegmentBuilder {
  private let write: Write
  private let spec: TableSpec
  private let fields: [TimelineFieldSpec]
  private let shard: Int
  private let eventsMax: Int
  private let batch: BlockBatch
  private var block: EventBlock
  private(set) var segment: TimelineMeta.Segment

  /// Blocks that may wait for their put.
  private static let waitingBytesMax = 16 << 20

  init(
    _ write: Write, _ spec: TableSpec, _ fields: [TimelineFieldSpec], shard: Int, number: UInt32, level: UInt32,
    batch: BlockBatch
  ) {
    (self.write, self.spec, self.fields, self.shard, self.batch) = (write, spec, fields, shard, batch)
    eventsMax = EventBlockEncoding.eventsMax(fields: fields)
    block = EventBlock(fields: fields.count)
    segment = TimelineMeta.Segment(number: number, level: level, blocks: [])
  }

  /// Events of the range that follow each other in the segment too.
  mutating func append(_ source: EventBlock, _ range: Range<Int>) throws(StoreError) {
    var first = range.lowerBound
    while first < range.upperBound {
      let end = min(range.upperBound, first + eventsMax - block.count)
      block.append(source, first..<end, fields)
      first = end
      if block.count == eventsMax { try finishBlock() }
    }
  }

  /// Call once, at the end.
  mutating func finish() throws(StoreError) {
    if block.count > 0 { try finishBlock() }
  }

  private mutating func finishBlock() throws(StoreError) {
    let index = segment.blocks.count
    guard index < TimelineMeta.blocksPerSegmentMax else {
      throw StoreError(.tooLarge, "\(spec.name) shard \(shard): a segment of \(index) blocks is full")
    }
    batch.append(
      EventBlockEncoding.encode(block), at: TimelineMeta.address(spec, segment: segment.number, block: index),
      rows: block.count, codec: .plain)
    segment.blocks.append(
      TimelineMeta.BlockEntry(entity: block.entities[0], time: block.times[0], events: block.count))
    block = EventBlock(fields: fields.count)
    if batch.bytes > Self.waitingBytesMax { try batch.put(write, shard: shard) }
  }
}
