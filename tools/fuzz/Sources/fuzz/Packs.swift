import PackReading

enum Packs {
  /// The first byte says whether length and checksum are made right, without which no other byte is looked at.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    read_pack_bytes(bytes.baseAddress! + 1, bytes.count - 1, Int32(first & 1))
  }
}
