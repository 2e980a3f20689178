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
  /// The same, not changed since copies were last looked through for what to put early. Changing it makes it dirty.
  static func cold(_ copy: UnsafeMutableRawPointer) -> BlockWord { BlockWord(bits: UInt(bitPattern: copy) | 4) }
  /// In the map, verified, for a writer that looks for each row among copies of rows and patches first. Kernels take it
  /// for one that is not verified.
  static func byRow(_ content: UnsafeRawPointer) -> BlockWord { BlockWord(bits: UInt(bitPattern: content) | 5) }

  @inline(__always) var isNone: Bool { bits == 0 }
  @inline(__always) var isUnverified: Bool { bits & Self.flags == 1 }
  @inline(__always) var isByRow: Bool { bits & Self.flags == 5 }
  @inline(__always) var isOwned: Bool { bits & 1 == 0 && bits & 6 != 0 }
  /// Cold ones too.
  @inline(__always) var isDirty: Bool { bits & 5 == 4 }
  @inline(__always) var isWarm: Bool { bits & 6 == 6 }
  func isVerified(at place: UnsafeRawPointer) -> Bool { !isNone && !isUnverified && content == place }
  /// Not for `none`.
  @inline(__always) var content: UnsafeRawPointer { UnsafeRawPointer(bitPattern: bits & ~Self.flags)! }
  /// Of an owned copy.
  @inline(__always) var copy: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: bits & ~Self.flags)! }
}
