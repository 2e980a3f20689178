import Glibc
import LMDB

/// How much memory the changes of a write may take, and what was put before it is published.
extension Write {
  static let transactionBytesMost = 64 << 20
  /// Below this a transaction would hold few blocks, and its wait for the disk is what it costs.
  private static let transactionBytesLeast = 256 << 10
  /// Of each thread that puts, the allocator keeps the pages of its largest transaction, in pieces.
  private static let restBytesMin = 8 << 20

  /// A quarter of the machine's memory.
  public static var dirtyBytesStandard: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 4 }

  /// Bytes of changed blocks, LMDB's pages of the puts included, from which on tables put blocks early under the
  /// write's own stamp: invisible, as every put is before `publish`. Copies that are kept from one version to the next
  /// count, and are given up first. To be set before the write's tables are opened; at least 16 MiB. Unless set, a
  /// quarter of the machine's memory.
  ///
  /// A block that changes again after it was put is put again, on other pages: the file grows by each, until the write
  /// has ended.
  public var dirtyBytesMax: Int {
    get {
      let bytes = copies.bytesMax + CopyMemory.chunkBytes
      return max(bytes + Self.restBytesMin, bytes / 7 * 8)
    }
    set {
      let bytes = max(newValue, 16 << 20)
      // The rest is for transactions with what allocators keep of them, and for the chunk that is not full.
      copies.bytesMax = bytes - max(bytes / 8, Self.restBytesMin) - CopyMemory.chunkBytes
      transactionBytesMax = min(
        Self.transactionBytesMost, max(Self.transactionBytesLeast, bytes / 16 / store.shardCount))
    }
  }

  var putBlocks: PutBlocks { PutBlocks(store: store, stamp: stamp) }

  /// Where the rows of blocks lie in the map that were just put. Valid until the block is put again, or the base is
  /// another one: the base's transactions keep every page that is freed after them from being used again.
  func places(_ addresses: [BlockAddress], shard number: Int) throws(StoreError) -> [UnsafeRawPointer] {
    guard !addresses.isEmpty else { return [] }
    let shard = store.shards[number]
    let places = try lmdb { () throws(LMDBError) in
      try shard.environment.read { transaction throws(LMDBError) in
        var places: [UnsafeRawPointer] = []
        for address in addresses {
          guard let found = try transaction.newest(address, upTo: stamp, in: shard), found.stamp == stamp,
            let start = found.value.baseAddress, found.value.count > BlockHeader.size
          else { break }
          places.append(start + BlockHeader.size)
        }
        return places
      }
    }
    guard places.count == addresses.count else {
      throw StoreError(.badBlock, "shard \(number) \(addresses[places.count]): put under stamp \(stamp), and not there")
    }
    return places
  }
}

/// Blocks that lie under the stamp of a write, which nobody but their writer looks at.
struct PutBlocks: Sendable {
  let store: Store
  let stamp: Stamp

  /// What was put there; `nil`: nothing. A deletion is `.some(nil)`.
  func content(_ address: BlockAddress, shard number: Int) throws(StoreError) -> [UInt8]?? {
    let shard = store.shards[number]
    let put = try lmdb { () throws(LMDBError) in
      try shard.environment.read { transaction throws(LMDBError) -> Result<[UInt8]?, StoreError>? in
        guard let found = try transaction.newest(address, upTo: stamp, in: shard), found.stamp == stamp else {
          return nil
        }
        guard found.value.count > BlockHeader.size else { return .success(nil) }
        let block = Block(address: address, stamp: stamp, value: found.value)
        do throws(StoreError) {
          try block.verify()
          return .success(try block.content())
        } catch { return .failure(error) }
      }
    }
    return try put?.get()
  }
}
