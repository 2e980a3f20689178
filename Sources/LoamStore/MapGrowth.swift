import Glibc

/// Larger maps for stores that have filled half of theirs, given while the store is being opened: no pointer into the
/// old map exists then in this process, and other processes take the new size over when they meet it.
enum MapGrowth {
  static func enlargeFull(_ identity: StoreIdentity, _ layout: StoreLayout) throws(StoreError) -> StoreIdentity {
    var enlarged = identity
    let largestShard = (0..<identity.shards).map { size(layout.shard($0)) }.max() ?? 0
    while largestShard > enlarged.shardMapBytes / 2 { enlarged.shardMapBytes *= 2 }
    let catalog = size(layout.catalog)
    while catalog > enlarged.catalogMapBytes / 2 { enlarged.catalogMapBytes *= 2 }
    if enlarged != identity { try layout.write(enlarged) }
    return enlarged
  }

  private static func size(_ directory: String) -> Int {
    var status = stat()
    return stat(directory + "/data.mdb", &status) == 0 ? Int(status.st_size) : 0
  }
}
