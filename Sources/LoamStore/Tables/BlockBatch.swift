/// Blocks of one shard that are put together: each put is a transaction of its own, with its own wait for the disk.
final class BlockBatch {
  private var blocks: [PendingBlock] = []
  /// Contents that the batch owns.
  private var owned: [UnsafeMutableRawBufferPointer] = []
  private let turns: Turns?

  /// - Parameter turns: of which the caller has one; it goes to others while a put waits for the disk.
  init(turns: Turns? = nil) { self.turns = turns }

  deinit { for content in owned { content.deallocate() } }

  private(set) var bytes = 0

  /// Blocks whose contents stay valid until the batch was put.
  func append(_ pending: [PendingBlock]) {
    blocks += pending
    for block in pending { bytes += block.contentBytes }
  }

  /// Bytes in a layout of the table kind's own, compressed where that is asked for and smaller.
  func append(_ content: [UInt8], at address: BlockAddress, rows: Int, codec: BlockCodec = .zstd) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 8)
    copy.copyBytes(from: content)
    owned.append(copy)
    append([PendingBlock(address, codec: codec, rows: rows, content: UnsafeRawBufferPointer(copy))])
  }

  /// Takes over what another batch has.
  func append(_ other: BlockBatch) {
    append(other.blocks)
    owned += other.owned
    (other.blocks, other.owned, other.bytes) = ([], [], 0)
  }

  /// Zeros that last until the batch was put.
  func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
    let content = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    content.initializeMemory(as: UInt8.self, repeating: 0)
    owned.append(content)
    return content
  }

  /// Puts what fills a transaction, so that a large batch is never in memory as a whole.
  func putIfFull(_ write: Write, shard: Int) throws(StoreError) {
    if bytes >= write.transactionBytesMax { try put(write, shard: shard) }
  }

  func put(_ write: Write, shard: Int) throws(StoreError) {
    guard !blocks.isEmpty else { return }
    try write.put(blocks, shard: shard, turns: turns)
    blocks = []
    for content in owned { content.deallocate() }
    owned = []
    bytes = 0
  }
}
