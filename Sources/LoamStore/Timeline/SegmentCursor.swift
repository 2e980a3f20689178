/// Walks the events of a segment, or of events that are still in memory, in their order.
struct SegmentCursor {
  private enum Source {
    case memory
    case stored(TimelineShard, TimelineMeta.Segment)
  }
  private let source: Source
  private var nextBlock = 0
  private(set) var block: EventBlock
  private(set) var position = 0
  /// `nil` at the end.
  private(set) var key: EventKey?

  init(_ sorted: EventBlock) {
    source = .memory
    block = sorted
    key = sorted.count > 0 ? sorted.key(0) : nil
  }

  init(_ shard: TimelineShard, _ segment: TimelineMeta.Segment) throws(StoreError) {
    source = .stored(shard, segment)
    block = EventBlock(fields: 0)
    try settle()
  }

  mutating func advance() throws(StoreError) {
    position += 1
    try settle()
  }

  private mutating func settle() throws(StoreError) {
    if position == block.count, case .stored(let shard, let segment) = source, nextBlock < segment.blocks.count {
      block = try shard.block(segment, nextBlock, keep: false)
      nextBlock += 1
      position = 0
    }
    key = position < block.count ? block.key(position) : nil
  }
}
