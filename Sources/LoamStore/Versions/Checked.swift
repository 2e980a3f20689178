import LMDB
import LoamKernels

/// A value followed by its CRC-32C, so that a flipped bit of a record is found before it is believed.
///
/// Blocks carry checksums of their own; this is for what says which blocks count: a wrong digit of a stamp would serve
/// another version's rows.
enum Checked<Value: Codec>: Codec {
  static func withBytes<R>(of element: Value.Element, _ body: (UnsafeRawBufferPointer) throws(LMDBError) -> R)
    throws(LMDBError) -> R
  {
    try Value.withBytes(of: element) { value throws(LMDBError) in
      let checksum = loam_crc32c(0, value.baseAddress, value.count).littleEndian
      return try BytesCodec.withBytes(of: Array(value) + withUnsafeBytes(of: checksum, Array.init), body)
    }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) -> Value.Element? {
    let value = UnsafeRawBufferPointer(rebasing: bytes.dropLast(MemoryLayout<UInt32>.size))
    guard bytes.count >= MemoryLayout<UInt32>.size,
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: value.count, as: UInt32.self))
        == loam_crc32c(0, value.baseAddress, value.count)
    else { return nil }
    return Value.decode(value)
  }
}
