import Zstd

/// A block as a snapshot shows it: a pointer into the map, valid as long as the snapshot lives.
public struct Block: @unchecked Sendable {
  // Mapped pages are read-only and stay in place while the snapshot's transaction is open.

  /// The largest content that a block may claim: a bound for allocations, checked before any.
  public static let contentBytesMax = 1 << 26

  public let address: BlockAddress
  public let stamp: Stamp
  /// Header and stored content.
  let value: UnsafeRawBufferPointer

  /// Stored bytes after the header; 64-byte aligned where the value has pages of its own.
  public var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: value[BlockHeader.size...]) }

  public func header() throws(StoreError) -> BlockHeader { try BlockHeader(value) }

  /// Compares checksum, key and header; throws `badChecksum` or `badBlock` naming the block.
  public func verify() throws(StoreError) {
    let key = BlockKey(address, stamp)
    guard value.count >= BlockHeader.size,
      value.loadUnaligned(fromByteOffset: 4, as: UInt32.self) == BlockHeader.checksum(value, key: key)
    else {
      throw StoreError(
        .badChecksum, "\(address), stamp \(stamp): the checksum does not match the bytes",
        hint: "The file is damaged: restore the store from a backup, or revert the table to an older version.")
    }
    let header = try header()
    guard header.address == address, header.stamp == stamp else {
      throw StoreError(.badBlock, "\(address), stamp \(stamp): the header names \(header.address), \(header.stamp)")
    }
    guard Int(header.bytes) <= Self.contentBytesMax, header.codec == .zstd || Int(header.bytes) == payload.count else {
      throw StoreError(
        .badBlock, "\(address), stamp \(stamp): \(header.bytes) bytes do not fit \(payload.count) stored")
    }
  }

  /// The content, decoded into a copy.
  public func content() throws(StoreError) -> [UInt8] {
    let header = try header()
    switch header.codec {
    case .plain: return Array(payload)
    case .zstd:
      do { return try Zstd.decompress(payload, expectedSize: Int(header.bytes)) } catch {
        throw StoreError(.badBlock, "\(address), stamp \(stamp): \(error)")
      }
    case .patch: throw StoreError(.badBlock, "\(address), stamp \(stamp): a patch where a whole block is expected")
    }
  }
}
