import LoamKernels
import LoamSchema

/// What tells one row of a log from another: 127 bits of the hash of its key's texts.
///
/// Among 10^12 keys the chance that two of them have one hash is below 10^-14.
public struct RowKey: Sendable, Equatable {
  /// Of the key's row, unless another key has it.
  public var id: ID
  /// Never 0, which a row holds that no key has taken yet.
  public var check: UInt64

  public init(id: ID, check: UInt64) { (self.id, self.check) = (id, max(check, 1)) }

  /// - Parameter bytes: the texts, so joined that no other texts give the same.
  public init(hashing bytes: UnsafeRawBufferPointer) {
    let hash = loam_hash128_bytes(bytes.baseAddress, bytes.count, 0)
    self.init(id: hash.low >> 1, check: hash.high)
  }

  /// The row to look at where another key has this one.
  func next(after id: ID) -> ID { loam_mix64(id ^ check) >> 1 }
}

/// The table `keys:LOG`.
///
/// ```
///   row     the high 63 bits of the low half of a key's hash; where another key has that row, the next one of its chain
///   check   the high half, at least 1
/// ```
extension TableSpec {
  public static func keys(log: String) -> TableSpec {
    TableSpec(TableName(.keys, log), columns: [ColumnSpec("check", .u64)])
  }
}
