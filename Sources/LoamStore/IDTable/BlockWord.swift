/// The address of a block's content, with what is to be known about it in the low bits; 0 is no block.
///
/// The content is at least 8-byte aligned, so the bits are free, and a lookup reads one word to know where a block is
/// and whether its checksum was verified.
struct BlockWord {
  var bits: UInt

  static let none = BlockWord(bits: 0)
  private static let flags: UInt = 7

  /// In the map, checksum not yet verified.
  static func unverified(_ content: UnsafeRawPointer) -> BlockWord { BlockWord(bits: UInt(bitPattern: content) | 1) }
  /// In the map, verified; or a constant.
  static func verified(_ content: UnsafeRawPointer) -> BlockWord { BlockWord(bits: UInt(bitPattern: content)) }
  /// A writer's copy that equals what the base shows.
  static func clean(_ copy: UnsafeMutableRawPointer) -> BlockWord { BlockWord(bits: UInt(bitPattern: copy) | 2) }
  /// A writer's copy that is to be put.
  static func dirty(_ copy: UnsafeMutableRawPointer) -> BlockWord { BlockWord(bits: UInt(bitPattern: copy) | 6) }

  @inline(__always) var isNone: Bool { bits == 0 }
  @inline(__always) var isUnverified: Bool { bits & 1 != 0 }
  @inline(__always) var isOwned: Bool { bits & 2 != 0 }
  @inline(__always) var isDirty: Bool { bits & 4 != 0 }
  /// Not for `none`.
  @inline(__always) var content: UnsafeRawPointer { UnsafeRawPointer(bitPattern: bits & ~Self.flags)! }
  /// Of an owned copy.
  @inline(__always) var copy: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: bits & ~Self.flags)! }
}
