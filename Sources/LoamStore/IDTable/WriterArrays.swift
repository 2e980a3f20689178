import LoamKernels

/// What the update kernels read of a writer's table, made anew for each call: inserts move directories and words.
struct WriterArrays: ~Copyable {
  let index: UnsafePointer<loam_lookup_index>
  /// In the order asked for.
  let columns: UnsafePointer<loam_lookup_column>
  /// As long as the longest row.
  let zeros: UnsafeRawPointer

  private let shards: [IDTableShard]
  private let directories: UnsafeMutablePointer<loam_lookup_shard>
  private let words: UnsafeMutablePointer<UnsafePointer<UInt>?>
  private let marks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>

  init(_ shards: [IDTableShard], columns wanted: [Int]) {
    self.shards = shards
    directories = .allocate(capacity: shards.count)
    words = .allocate(capacity: max(shards.count * wanted.count, 1))
    marks = .allocate(capacity: max(shards.count * wanted.count, 1))
    let layouts = wanted.map { shards[0].columns[$0].layout }
    let longest = max(layouts.map(\.stride).max() ?? 0, 64)
    let zeros = UnsafeMutableRawPointer.allocate(byteCount: longest, alignment: 64)
    zeros.initializeMemory(as: UInt8.self, repeating: 0, count: longest)
    self.zeros = UnsafeRawPointer(zeros)

    for (number, shard) in shards.enumerated() {
      (directories + number).initialize(
        to: loam_lookup_shard(
          directory: shard.index.words.start, shift: UInt32(63 - shard.index.depth), slots: shard.meta.slots))
      for (position, column) in wanted.enumerated() {
        let blocks = shard.columns[column]
        (words + position * shards.count + number).initialize(to: blocks.words.start)
        (marks + position * shards.count + number).initialize(to: blocks.changed.start(blocks: blocks.words.count))
      }
    }
    let index = UnsafeMutablePointer<loam_lookup_index>.allocate(capacity: 1)
    index.initialize(to: loam_lookup_index(shards: directories, count: shards.count))
    self.index = UnsafePointer(index)
    let columns = UnsafeMutablePointer<loam_lookup_column>.allocate(capacity: max(wanted.count, 1))
    for (position, layout) in layouts.enumerated() {
      (columns + position).initialize(
        to: loam_lookup_column(
          blocks: UnsafePointer(words + position * shards.count), reciprocal: layout.reciprocal,
          rowsPerBlock: UInt32(layout.rowsPerBlock), stride: UInt32(layout.stride),
          initial: shards[0].initial[wanted[position]].isZero ? UnsafeRawPointer(zeros) : nil, patches: nil,
          bitmapWords: UInt32(layout.bitmapWords), groupShift: 0,
          changed: UnsafePointer(marks + position * shards.count)))
    }
    self.columns = UnsafePointer(columns)
  }

  deinit {
    index.deallocate()
    columns.deallocate()
    zeros.deallocate()
    directories.deallocate()
    words.deallocate()
    marks.deallocate()
  }
}
