/// Builds stored bytes from little-endian numbers.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append<T: FixedWidthInteger>(_ number: T) {
    Swift.withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The values as they lie in memory: the format is that of little-endian machines.
  mutating func append<T: BitwiseCopyable>(array: [T]) {
    array.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}
