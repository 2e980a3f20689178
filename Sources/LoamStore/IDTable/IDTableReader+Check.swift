extension IDTableReader {
  /// The root computed from the stored rows: equal to the version's, or something is damaged.
  public func computeRoot() throws(StoreError) -> Root {
    var root: UInt128 = 0
    for shard in shards { root &+= try shard.root() }
    return Root(root)
  }

  /// Compares index, slots and dictionary with each other, and every checksum.
  public func check() throws(StoreError) {
    for shard in shards { try shard.check() }
  }
}
