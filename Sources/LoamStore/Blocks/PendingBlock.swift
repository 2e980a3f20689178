/// A block that a write is about to put.
public struct PendingBlock {
  public var address: BlockAddress
  public var type: DataType
  public var codec: BlockCodec
  /// Zero rows: a deletion.
  public var rows: UInt32
  public var stride: UInt32
  /// The content before compression, unless `writing` makes it. Must stay valid until `put` has returned.
  public var content: UnsafeRawBufferPointer
  /// Writes all of the content at its place in the store, as often as it is put: what comes from many places lies nowhere
  /// else first.
  var writing: (count: Int, body: (UnsafeMutableRawBufferPointer) -> Void)?
  /// The content compressed already; `nil`: `put` does it.
  var encoded: EncodedBlock?

  public init(
    _ address: BlockAddress, type: DataType = .bytes, codec: BlockCodec = .plain, rows: Int, stride: Int = 0,
    content: UnsafeRawBufferPointer
  ) {
    self.address = address
    self.type = type
    self.codec = codec
    self.rows = UInt32(rows)
    self.stride = UInt32(stride)
    self.content = content
  }

  var contentBytes: Int { writing?.count ?? content.count }

  /// A block that ends: readers of this write's version see none.
  public static func deletion(_ address: BlockAddress) -> PendingBlock {
    PendingBlock(address, rows: 0, content: UnsafeRawBufferPointer(start: nil, count: 0))
  }
}

public enum BlockCodec: UInt8, Sendable, CaseIterable {
  case plain = 0, zstd = 1
  /// Some rows over the block's next older stamp.
  case patch = 2
}
