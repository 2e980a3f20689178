import LoamKernels
import Synchronization

/// What a batched call of a writer works with: what the kernels read of its table, and room for groups of rows.
///
/// A call fills one anew, since inserts move directories and words; its memory is used again, so that a step like the one
/// before allocates nothing.
// Sendable: one call at a time has it.
final class WriterRoom: @unchecked Sendable {
  let index: UnsafePointer<loam_lookup_index>
  /// In the order asked for.
  let columns: UnsafePointer<loam_lookup_column>
  /// As long as the longest row.
  let zeros: UnsafeRawPointer
  /// Of a lookup or a gather.
  let group = LookupGroup()
  /// Of an update.
  let update: UpdateRoom

  private let shardCount: Int
  private let indexes: UnsafeMutablePointer<loam_lookup_index>
  private let columnArrays: UnsafeMutablePointer<loam_lookup_column>
  private let directories: UnsafeMutablePointer<loam_lookup_shard>
  private let words: UnsafeMutablePointer<UnsafePointer<UInt>?>
  private let marks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>

  /// - Parameter columnsMax: that a call may ask for.
  init(_ shards: [IDTableShard], columnsMax: Int) {
    shardCount = shards.count
    let count = max(columnsMax, 1)
    update = UpdateRoom(columns: count)
    directories = .allocate(capacity: shardCount)
    words = .allocate(capacity: shardCount * count)
    marks = .allocate(capacity: shardCount * count)
    let longest = max(shards[0].columns.map(\.layout.stride).max() ?? 0, 64)
    let zeros = UnsafeMutableRawPointer.allocate(byteCount: longest, alignment: 64)
    zeros.initializeMemory(as: UInt8.self, repeating: 0, count: longest)
    self.zeros = UnsafeRawPointer(zeros)
    indexes = .allocate(capacity: 1)
    indexes.initialize(to: loam_lookup_index(shards: directories, count: shardCount))
    index = UnsafePointer(indexes)
    columnArrays = .allocate(capacity: count)
    columns = UnsafePointer(columnArrays)
  }

  deinit {
    indexes.deallocate()
    columnArrays.deallocate()
    directories.deallocate()
    words.deallocate()
    marks.deallocate()
    zeros.deallocate()
  }

  /// Shows the shards and the wanted columns as they are now.
  func show(_ shards: [IDTableShard], _ wanted: some Collection<Int>) {
    for (number, shard) in shards.enumerated() {
      (directories + number).initialize(
        to: loam_lookup_shard(
          directory: shard.index.words.start, shift: UInt32(63 - shard.index.depth), slots: shard.meta.slots))
      for (position, column) in wanted.enumerated() {
        let blocks = shard.columns[column]
        (words + position * shardCount + number).initialize(to: blocks.words.start)
        (marks + position * shardCount + number).initialize(to: blocks.changed.start(blocks: blocks.words.count))
      }
    }
    for (position, column) in wanted.enumerated() {
      let layout = shards[0].columns[column].layout
      (columnArrays + position).initialize(
        to: loam_lookup_column(
          blocks: UnsafePointer(words + position * shardCount), reciprocal: layout.reciprocal,
          rowsPerBlock: UInt32(layout.rowsPerBlock), stride: UInt32(layout.stride),
          initial: shards[0].initial[column].isZero ? zeros : nil, patches: nil,
          bitmapWords: UInt32(layout.bitmapWords), groupShift: 0,
          changed: UnsafePointer(marks + position * shardCount)))
    }
  }
}

/// Rooms that no call uses at the moment: as many as threads worked on the writer at once.
final class WriterRooms: Sendable {
  private let free = Mutex<[WriterRoom]>([])

  func with<R>(
    _ shards: [IDTableShard], _ columns: some Collection<Int>, _ body: (WriterRoom) throws(StoreError) -> R
  ) throws(StoreError) -> R {
    precondition(columns.count <= shards[0].columns.count, "each column once")
    let room = free.withLock { $0.popLast() } ?? WriterRoom(shards, columnsMax: shards[0].columns.count)
    defer { free.withLock { $0.append(room) } }
    room.show(shards, columns)
    return try body(room)
  }
}
