/// Walks the events of a segment, or of events that are still in memory, in their order.
struct SegmentCursor {
  private let stored: (shard: TimelineShard, segment: TimelineSegment)?
  private var nextBlock = 0
  private(set) var block: EventBlock
  private(set) var position = 0
  /// `nil` at the end.
  private(set) var key: EventKey?

  init(_ sorted: EventBlock) {
    stored = nil
    block = sorted
    key = sorted.count > 0 ? sorted.key(0) : nil
  }

  init(_ shard: TimelineShard, _ segment: TimelineSegment) throws(StoreError) {
    stored = (shard, segment)
    block = EventBlock(fields: 0)
    try settle()
  }

  /// The positions from the current one whose keys are below `limit`; all of the block's without one.
  func run(below limit: EventKey?) -> Range<Int> {
    guard let limit else { return position..<block.count }
    var end = position + 1
    // Gallop: runs are short where events of many segments interleave, and long where they do not.
    var step = 1
    while end < block.count, block.key(end) < limit {
      let far = min(end + step, block.count - 1)
      if far > end, block.key(far) < limit {
        end = far + 1
        step *= 2
      } else {
        end += 1
        step = 1
      }
    }
    return position..<end
  }

  mutating func advance(to position: Int) throws(StoreError) {
    self.position = position
    try settle()
  }

  private mutating func settle() throws(StoreError) {
    if position == block.count, let (shard, segment) = stored, nextBlock < segment.blockCount {
      block = try shard.decoded(segment, nextBlock)
      nextBlock += 1
      position = 0
    }
    key = position < block.count ? block.key(position) : nil
  }
}
