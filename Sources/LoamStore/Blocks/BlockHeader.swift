import LoamKernels

/// The 48 bytes at the head of every block. Little-endian.
///
/// ```
///   0 magic u32   4 CRC32C u32   8 table u32   12 column u16   14 type u8   15 codec u8
///   16 block u64  24 stamp u64   32 rows u32   36 stride u32   40 bytes u32  44 reserved u32
/// ```
///
/// A value of LMDB that has pages of its own starts at page offset 16, so the rows after the header are 64-byte
/// aligned. `bytes` is the length of the content once decoded. The checksum covers the key, the header behind the
/// checksum, and the stored content: a right block in a wrong place is refused.
public struct BlockHeader: Sendable, Equatable {
  public static let size = 48
  static let magic: UInt32 = 0x4D41_4F4C  // "LOAM"

  public var address: BlockAddress
  public var stamp: Stamp
  public var type: DataType
  public var codec: BlockCodec
  public var rows: UInt32
  public var stride: UInt32
  public var bytes: UInt32

  /// Fields that are out of range are an error; the checksum is another matter.
  init(_ value: UnsafeRawBufferPointer) throws(StoreError) {
    guard value.count >= Self.size, value.loadUnaligned(fromByteOffset: 0, as: UInt32.self) == Self.magic,
      let type = DataType(rawValue: value[14]), let codec = BlockCodec(rawValue: value[15])
    else { throw StoreError(.badBlock, "a block of \(value.count) bytes has no valid header") }
    address = BlockAddress(
      table: value.loadUnaligned(fromByteOffset: 8, as: UInt32.self),
      column: value.loadUnaligned(fromByteOffset: 12, as: UInt16.self),
      block: value.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    stamp = value.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    self.type = type
    self.codec = codec
    rows = value.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
    stride = value.loadUnaligned(fromByteOffset: 36, as: UInt32.self)
    bytes = value.loadUnaligned(fromByteOffset: 40, as: UInt32.self)
  }

  init(_ block: PendingBlock, codec: BlockCodec, stamp: Stamp) {
    address = block.address
    self.stamp = stamp
    type = block.type
    self.codec = codec
    rows = block.rows
    stride = block.stride
    bytes = UInt32(block.contentBytes)
  }

  /// Writes the header and its checksum in front of content that is already in place.
  func write(to value: UnsafeMutableRawBufferPointer) {
    value.storeBytes(of: Self.magic, toByteOffset: 0, as: UInt32.self)
    value.storeBytes(of: address.table, toByteOffset: 8, as: UInt32.self)
    value.storeBytes(of: address.column, toByteOffset: 12, as: UInt16.self)
    value[14] = type.rawValue
    value[15] = codec.rawValue
    value.storeBytes(of: address.block, toByteOffset: 16, as: UInt64.self)
    value.storeBytes(of: stamp, toByteOffset: 24, as: UInt64.self)
    value.storeBytes(of: rows, toByteOffset: 32, as: UInt32.self)
    value.storeBytes(of: stride, toByteOffset: 36, as: UInt32.self)
    value.storeBytes(of: bytes, toByteOffset: 40, as: UInt32.self)
    value.storeBytes(of: 0, toByteOffset: 44, as: UInt32.self)
    let checksum = Self.checksum(UnsafeRawBufferPointer(value), key: BlockKey(address, stamp))
    value.storeBytes(of: checksum, toByteOffset: 4, as: UInt32.self)
  }

  /// The checksum that a block found under `key` should carry.
  static func checksum(_ value: UnsafeRawBufferPointer, key: BlockKey) -> UInt32 {
    let ofKey = key.withBytes { loam_crc32c(0, $0.baseAddress, $0.count) }
    return loam_crc32c(ofKey, value.baseAddress! + 8, value.count - 8)
  }
}
