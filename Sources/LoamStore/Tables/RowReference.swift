/// Where the row of an ID lies: a shard, and a slot within it. Valid for the version (or the write) that gave it.
public struct RowReference: Sendable, Hashable {
  /// `shard << 32 | slot`.
  public var packed: UInt64

  /// The ID has no row.
  public static let none = RowReference(packed: .max)

  @inline(__always)
  public init(packed: UInt64) { self.packed = packed }

  @inline(__always)
  public init(shard: Int, slot: UInt32) { packed = UInt64(shard) << 32 | UInt64(slot) }

  @inline(__always)
  public var shard: Int { Int(packed >> 32) }

  @inline(__always)
  public var slot: UInt32 { UInt32(truncatingIfNeeded: packed) }

  @inline(__always)
  public var isNone: Bool { packed == .max }
}
