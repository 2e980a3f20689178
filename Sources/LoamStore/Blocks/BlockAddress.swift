/// Where a block lies within a shard, whatever its stamp.
public struct BlockAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var table: UInt32
  public var column: UInt16
  public var block: UInt64

  public init(table: UInt32, column: UInt16, block: UInt64) {
    self.table = table
    self.column = column
    self.block = block
  }

  public var description: String { "table \(table) column \(column) block \(block)" }
  public static func < (a: Self, b: Self) -> Bool {
    (a.table, a.column, a.block) < (b.table, b.column, b.block)
  }
}

/// The number of one write. Given once and never again.
public typealias Stamp = UInt64
