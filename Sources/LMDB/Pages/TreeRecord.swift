/// What liblmdb keeps of one database: its root page and what its tree is made of.
///
/// ```
///   pad u32 | flags u16 | depth u16 | branch pages 8 | leaf pages 8 | overflow pages 8 | entries 8 | root page 8
/// ```
struct TreeRecord {
  static let bytes = 48
  /// The root of a tree without pages.
  static let noPage = UInt64.max
  static let integerKey: UInt16 = 8

  var pad: UInt32
  var flags: UInt16
  var depth: Int
  var branchPages: UInt64
  var leafPages: UInt64
  var overflowPages: UInt64
  var entries: UInt64
  var root: UInt64

  init(_ raw: UnsafeRawBufferPointer, at offset: Int) {
    func word(_ index: Int) -> UInt64 { raw.loadUnaligned(fromByteOffset: offset + 8 * index, as: UInt64.self) }
    pad = raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    flags = raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self)
    depth = Int(raw.loadUnaligned(fromByteOffset: offset + 6, as: UInt16.self))
    (branchPages, leafPages, overflowPages) = (word(1), word(2), word(3))
    (entries, root) = (word(4), word(5))
  }
}
