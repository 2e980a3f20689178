/// The key of a block in a shard: address, then stamp, big-endian, so that a block's versions lie side by side in
/// order. `changes` orders the same four by stamp first.
struct BlockKey: Hashable, Sendable {
  static let size = 22
  var address: BlockAddress
  var stamp: Stamp

  init(_ address: BlockAddress, _ stamp: Stamp) {
    self.address = address
    self.stamp = stamp
  }

  /// `nil` where the bytes are not a key.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    self.init(
      BlockAddress(
        table: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)),
        column: UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self)),
        block: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 6, as: UInt64.self))),
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 14, as: UInt64.self)))
  }

  init?(change bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    self.init(
      BlockAddress(
        table: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
        column: UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt16.self)),
        block: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 14, as: UInt64.self))),
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)))
  }

  func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    var bytes: InlineArray<22, UInt8> = .init(repeating: 0)
    return try withUnsafeMutableBytes(of: &bytes) { raw throws(E) in
      raw.storeBytes(of: address.table.bigEndian, toByteOffset: 0, as: UInt32.self)
      raw.storeBytes(of: address.column.bigEndian, toByteOffset: 4, as: UInt16.self)
      raw.storeBytes(of: address.block.bigEndian, toByteOffset: 6, as: UInt64.self)
      raw.storeBytes(of: stamp.bigEndian, toByteOffset: 14, as: UInt64.self)
      return try body(UnsafeRawBufferPointer(raw))
    }
  }

  func withChangeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    var bytes: InlineArray<22, UInt8> = .init(repeating: 0)
    return try withUnsafeMutableBytes(of: &bytes) { raw throws(E) in
      raw.storeBytes(of: stamp.bigEndian, toByteOffset: 0, as: UInt64.self)
      raw.storeBytes(of: address.table.bigEndian, toByteOffset: 8, as: UInt32.self)
      raw.storeBytes(of: address.column.bigEndian, toByteOffset: 12, as: UInt16.self)
      raw.storeBytes(of: address.block.bigEndian, toByteOffset: 14, as: UInt64.self)
      return try body(UnsafeRawBufferPointer(raw))
    }
  }
}
