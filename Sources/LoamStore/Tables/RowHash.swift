import LoamKernels

/// The 128-bit hash of one row of one column. A table's root is the sum of these modulo 2^128.
///
/// A sum does not ask for an order, so the same content has the same root for any number of shards, order of slots,
/// block size or cutting into batches; and a version's root follows from its base's by adding the new rows' hashes
/// and taking the old ones' away.
public enum RowHash {
  /// - Parameters:
  ///   - column: the column's name; columns are numbered per store, so numbers would not do.
  ///   - key: the row's ID or number.
  ///   - payload: the row's bytes.
  public static func of(column: String, key: UInt64, payload: UnsafeRawBufferPointer) -> UInt128 {
    of(salt: salt(column), key: key, payload: payload)
  }

  /// The column's part of the hash, to be computed once and used for many rows.
  public static func salt(_ column: String) -> UInt64 {
    var name = column
    return name.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
  }

  @inline(__always)
  public static func of(salt: UInt64, key: UInt64, payload: UnsafeRawBufferPointer) -> UInt128 {
    let hash = loam_hash128_bytes(payload.baseAddress, payload.count, loam_mix64(key) &+ salt)
    return UInt128(hash.high) << 64 | UInt128(hash.low)
  }
}
