import LMDB
import Zstd

/// A block's content as it is stored: compressed where that helps.
struct EncodedBlock {
  let codec: BlockCodec
  let stored: UnsafeRawBufferPointer
  private let compressed: OwnedBytes?

  init(_ block: PendingBlock) {
    precondition(block.contentBytes <= Block.contentBytesMax, "\(block.address): content too large")
    if block.codec == .zstd {
      let bytes = Zstd.compress(block.content)
      if bytes.count < block.content.count {
        let compressed = OwnedBytes(bytes)
        self.compressed = compressed
        (codec, stored) = (.zstd, compressed.bytes)
        return
      }
    }
    (codec, stored, compressed) = (block.codec == .patch ? .patch : .plain, block.content, nil)
  }
}

extension WriteTransaction {
  /// Puts a block and its entry in `changes`.
  borrowing func put(_ block: PendingBlock, as encoded: EncodedBlock? = nil, under stamp: Stamp, in shard: Shard)
    throws(LMDBError)
  {
    let key = BlockKey(block.address, stamp)
    let encoded = encoded ?? block.encoded ?? EncodedBlock(block)
    let header = BlockHeader(block, codec: encoded.codec, stamp: stamp)
    let count = block.writing?.count ?? encoded.stored.count
    try key.withBytes { bytes throws(LMDBError) in
      try self.reserve(BlockHeader.size + count, at: bytes, in: shard.blocks) { value in
        let content = UnsafeMutableRawBufferPointer(rebasing: value[BlockHeader.size...])
        if let writing = block.writing { writing.body(content) } else { content.copyMemory(from: encoded.stored) }
        header.write(to: value)
      }
    }
    try key.withChangeBytes { bytes throws(LMDBError) in
      try self.put(UnsafeRawBufferPointer(start: nil, count: 0), at: bytes, in: shard.changes)
    }
  }
}
