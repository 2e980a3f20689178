/// One block of a timeline's events.
public struct TimelineBlock: Sendable {
  let shard: Int
  let segment: Int
  let index: Int
}

/// Events in the order in which they lie, for questions that look at all of them.
extension TimelineReader {
  public func blocks() -> [TimelineBlock] {
    shards.indices.flatMap { shard in
      shards[shard].segments.indices.flatMap { segment in
        (0..<shards[shard].segments[segment].blockCount).map {
          TimelineBlock(shard: shard, segment: segment, index: $0)
        }
      }
    }
  }

  /// By entity, then by time.
  public func places(in block: TimelineBlock) throws(StoreError) -> [EventPlace] {
    let shard = shards[block.shard]
    let view = try shard.view(shard.segments[block.segment], block.index)
    return (0..<view.events).map { EventPlace(content: view.content, position: $0) }
  }
}
