/// The packs that a version reads of one group of blocks, oldest first.
struct PatchChain {
  var group: Int
  /// All above the newest end of a chain; checksums not compared yet.
  var packs: [Block]

  var newest: Stamp { packs.last?.stamp ?? 0 }

  /// The chains of a column of packs, by ascending group.
  static func all(in listing: ColumnListing) -> [PatchChain] {
    var chains: [PatchChain] = []
    for pack in listing.blocks {
      let group = Int(clamping: pack.address.block)
      if chains.last?.group != group { chains.append(PatchChain(group: group, packs: [])) }
      chains[chains.count - 1].packs.append(pack)
    }
    return chains
  }
}

extension Snapshot {
  /// The packs of a column that this version shows, by ascending group, without touching their pages.
  ///
  /// - Parameter column: the patched one.
  func patchChains(table: UInt32, column: UInt16, shard: Int) throws(StoreError) -> [PatchChain] {
    PatchChain.all(in: try listing(table: table, column: column | PatchPack.columnBit, shard: shard))
  }

  /// The packs of a chain, or those after its first `known` ones, verified and read.
  func packs(of chain: PatchChain, from known: Int = 0) throws(StoreError) -> [PatchPack] {
    guard chain.packs.count <= PatchPack.chainMax else {
      throw StoreError(
        .badBlock, "\(chain.packs[0].address): \(chain.packs.count) patches, at most \(PatchPack.chainMax)")
    }
    var packs: [PatchPack] = []
    for block in chain.packs[known...] {
      try verifyOnce(block)
      packs.append(try PatchPack(block))
    }
    return packs
  }

  /// The blocks of a column, each with the stamp under which its content came to be: of its newest patch, or its own.
  /// Equal stamps in two versions of a store mean equal content.
  func contentStamps(table: UInt32, column: UInt16, shard: Int) throws(StoreError) -> [(block: Block, stamp: Stamp)] {
    let blocks = try blocks(table: table, column: column, shard: shard)
    var newest: [UInt64: Stamp] = [:]
    for chain in try patchChains(table: table, column: column, shard: shard) {
      for pack in try packs(of: chain) {
        for place in 0..<64 where pack.present >> UInt64(place) & 1 != 0 {
          newest[UInt64(pack.firstBlock + place)] = pack.stamp
        }
      }
    }
    return blocks.map { ($0, max($0.stamp, newest[$0.address.block] ?? 0)) }
  }

  /// The content of blocks with their patches applied.
  func resolver(table: UInt32, column: UInt16, shard: Int) throws(StoreError) -> PatchResolver {
    var packs: [Int: [PatchPack]] = [:]
    var shift = 0
    for chain in try patchChains(table: table, column: column, shard: shard) {
      let found = try self.packs(of: chain)
      shift = found.first.flatMap { PatchPack.groupShift(rowsPerBlock: $0.rowsPerBlock) } ?? 0
      packs[chain.group] = found
    }
    return PatchResolver(snapshot: self, packs: packs, shift: shift)
  }
}

/// Whole contents of a column's blocks in one shard.
struct PatchResolver {
  let snapshot: Snapshot
  fileprivate let packs: [Int: [PatchPack]]
  fileprivate let shift: Int

  fileprivate init(snapshot: Snapshot, packs: [Int: [PatchPack]], shift: Int) {
    (self.snapshot, self.packs, self.shift) = (snapshot, packs, shift)
  }

  func content(of block: Block) throws(StoreError) -> [UInt8] {
    try snapshot.verifyOnce(block)
    var content = try block.content()
    guard block.address.block < 1 << 32, let packs = packs[Int(block.address.block) >> shift] else { return content }
    let number = Int(block.address.block)
    for pack in packs where pack.stamp > block.stamp && pack.contains(block: number) {
      guard
        pack.rowsPerBlock * pack.stride <= content.count || pack.rows(ofBlock: number) * pack.stride <= content.count
      else {
        throw StoreError(
          .badBlock, "\(block.address), stamp \(block.stamp): \(content.count) bytes, patched beyond their end")
      }
      content.withUnsafeMutableBytes { pack.apply(to: $0.baseAddress!, block: number) }
    }
    return content
  }
}

extension PatchPack {
  /// Rows up to the last changed one of a block that the pack names.
  fileprivate func rows(ofBlock block: Int) -> Int {
    var last = -1
    forEachRow(ofBlock: block) { row, _ in last = row }
    return last + 1
  }
}
