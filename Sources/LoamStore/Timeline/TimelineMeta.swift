import LoamKernels
import LoamSchema

/// What one shard of a timeline knows about its segments: column 0, block 0.
///
/// ```
///   format u32, next segment u32, next arrival u64, segments u32
///   for each segment, oldest first:  number u32, level u32, blocks u32
///     for each block:                first event's entity u64 and time i64, events u32
/// ```
struct TimelineMeta: Equatable {
  struct BlockEntry: Equatable {
    /// Of the first event.
    var entity: ID
    var time: Timestamp
    var events: Int

    var hash: UInt64 { loam_mix64(entity) }
  }
  struct Segment: Equatable {
    var number: UInt32
    /// How often its events were merged.
    var level: UInt32
    var blocks: [BlockEntry]
    var events: Int { blocks.reduce(0) { $0 + $1.events } }
  }
  var nextSegment: UInt32 = 0
  /// Above every arrival number of this shard; the timeline's next one is the highest over its shards.
  var nextArrival: UInt64 = 0
  var segments: [Segment] = []

  static let column: UInt16 = 0
  static let events: UInt16 = 1
  private static let format: UInt32 = 2
  /// A block's number is `segment << 24 | index`.
  static let blocksPerSegmentMax = 1 << 24

  init() {}

  init(_ snapshot: Snapshot, _ spec: TableSpec, shard: Int) throws(StoreError) {
    guard let block = try snapshot.block(Self.address(spec), shard: shard) else {
      self.init()
      return
    }
    try self.init(try block.content(), place: "\(spec.name) shard \(shard) segments")
  }

  init(_ bytes: [UInt8], place: String) throws(StoreError) {
    self = try bytes.reading(place) { (reader) throws(StoreError) in
      let format = try reader.number(UInt32.self)
      guard format != 1 else {
        throw StoreError(
          .mismatch, "\(place): a timeline of format 1, which this Loam does not read",
          hint: "Make a new store and ingest its files again.")
      }
      guard format == Self.format else { throw reader.damaged("unknown format") }
      var meta = TimelineMeta()
      meta.nextSegment = try reader.number()
      meta.nextArrival = try reader.number()
      for _ in 0..<(try reader.number(UInt32.self)) {
        var segment = Segment(number: try reader.number(), level: try reader.number(), blocks: [])
        let blocks = Int(try reader.number(UInt32.self))
        guard blocks <= Self.blocksPerSegmentMax, segment.number < meta.nextSegment else {
          throw reader.damaged("segment \(segment.number) with \(blocks) blocks")
        }
        for _ in 0..<blocks {
          let entry = BlockEntry(
            entity: try reader.number(), time: try reader.number(), events: Int(try reader.number(UInt32.self)))
          let isAfter = segment.blocks.last.map { ($0.hash, $0.time) <= (entry.hash, entry.time) } ?? true
          guard isAfter, entry.events > 0 else {
            throw reader.damaged("blocks of segment \(segment.number) out of order")
          }
          segment.blocks.append(entry)
        }
        meta.segments.append(segment)
      }
      try reader.end()
      return meta
    }
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.format)
    writer.append(nextSegment)
    writer.append(nextArrival)
    writer.append(UInt32(segments.count))
    for segment in segments {
      writer.append(segment.number)
      writer.append(segment.level)
      writer.append(UInt32(segment.blocks.count))
      for block in segment.blocks {
        writer.append(block.entity)
        writer.append(block.time)
        writer.append(UInt32(block.events))
      }
    }
    return writer.bytes
  }

  static func address(_ spec: TableSpec) -> BlockAddress {
    BlockAddress(table: spec.number, column: column, block: 0)
  }

  static func address(_ spec: TableSpec, segment: UInt32, block: Int) -> BlockAddress {
    BlockAddress(table: spec.number, column: events, block: UInt64(segment) << 24 | UInt64(block))
  }
}
