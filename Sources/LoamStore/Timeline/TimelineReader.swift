import LoamSchema

/// Reads a timeline (`timeline:`) at one version: what happened to an entity before a time.
///
/// May be used from several threads.
// Sendable: the table of references is written before anyone else has the reader.
public final class TimelineReader: @unchecked Sendable {
  public let spec: TableSpec
  public let fields: [TimelineFieldSpec]
  let snapshot: Snapshot
  let shards: [TimelineShard]
  /// The same without reference counts, which threads that read at once would fight over.
  private let places: UnsafeMutableBufferPointer<Unmanaged<TimelineShard>>

  /// `nil`: this version does not have the timeline.
  public init?(_ snapshot: Snapshot, _ name: TableName) throws(StoreError) {
    guard let spec = try snapshot.readableSpec(name) else { return nil }
    (self.snapshot, self.spec) = (snapshot, spec)
    fields = try spec.timelineFields()
    var shards: [TimelineShard] = []
    for number in 0..<snapshot.shardCount {
      shards.append(try TimelineShard(snapshot, spec, fields, number: number))
    }
    self.shards = shards
    places = .allocate(capacity: shards.count)
    _ = places.initialize(from: shards.map { Unmanaged.passUnretained($0) })
  }

  deinit { places.deallocate() }

  @inline(__always)
  func place(hash: UInt64) -> Unmanaged<TimelineShard> { places[Sharding.shard(hash: hash, count: places.count)] }

  public var eventCount: Int { shards.reduce(0) { $0 + $1.meta.segments.reduce(0) { $0 + $1.events } } }

  /// The events of an entity with `time < before` and `knownAt <= knownBy`, newest first; of equal times, the one that
  /// arrived later comes first.
  public func events(
    of entity: ID, before: Timestamp = .max, knownBy: Timestamp = .max, limit: Int = .max
  ) throws(StoreError) -> [Event] {
    var found: [Event] = []
    try forEachPast(PastQuery(entity, before: before, knownBy: knownBy, limit: limit)) { place, _ in
      found.append(event(place))
    }
    return found
  }

  /// Every event, shard by shard, segment by segment.
  func forEachBlock(_ body: (TimelineShard, EventBlock, TimelineMeta.BlockEntry) throws(StoreError) -> Void)
    throws(StoreError)
  {
    for shard in shards {
      for segment in shard.segments {
        for (index, entry) in segment.meta.blocks.enumerated() {
          try body(shard, try shard.decoded(segment, index), entry)
        }
      }
    }
  }

  /// The entities that have events, each once, in no order of meaning.
  public func entities() throws(StoreError) -> [ID] {
    var found: Set<ID> = []
    try forEachBlock { (_, block, _) throws(StoreError) in found.formUnion(block.entities) }
    return Array(found)
  }

  /// The root computed from the stored events: equal to the version's, or something is damaged.
  public func computeRoot() throws(StoreError) -> Root {
    var root: UInt128 = 0
    try forEachBlock { (_, block, _) throws(StoreError) in
      for index in 0..<block.count { root &+= block.rowHash(index, fields) }
    }
    return Root(root)
  }

  /// Decodes every block; events are in order, in their shard, and no arrival number is given twice.
  public func check() throws(StoreError) {
    var arrivals: Set<UInt64> = []
    for shard in shards {
      for segment in shard.segments {
        var previous: EventKey?
        for index in 0..<segment.blockCount {
          let block = try shard.decoded(segment, index)
          for position in 0..<block.count {
            let key = block.key(position)
            guard previous.map({ $0 < key }) ?? true, key.arrival < shard.meta.nextArrival,
              arrivals.insert(key.arrival).inserted,
              Sharding.shard(hash: key.hash, count: shards.count) == shard.number
            else {
              throw StoreError(
                .badBlock,
                "\(spec.name) shard \(shard.number) segment \(segment.meta.number) block \(index): "
                  + "event \(position) is not in its place")
            }
            previous = key
          }
        }
      }
    }
  }
}
