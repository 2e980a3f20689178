import LoamKernels
import LoamSchema

/// Which shard an ID belongs to: 65,536 slices of the hash, in order, in as many equal parts as there are shards.
public enum Sharding {
  @inline(__always)
  public static func shard(of id: ID, count: Int) -> Int { shard(hash: loam_mix64(id), count: count) }

  @inline(__always)
  static func shard(hash: UInt64, count: Int) -> Int { Int(((hash >> 48) &* UInt64(count)) >> 16) }
}
