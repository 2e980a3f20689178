import LMDB

/// What folding did.
public struct FoldReport: Sendable, Codable, Equatable {
  /// Chains of patches that ended.
  public var chains = 0
  /// Blocks written whole.
  public var blocks = 0
  public var bytes = 0

  public init() {}
}

extension Store {
  /// Writes the patched blocks of a version whole, so that lookups find each row at once. The version stays what it is.
  ///
  /// ```
  ///   before   block w ◀─ pack p ◀─ pack q                  block of the version: w with the rows of p and q
  ///   after    block w ◀─ pack p     whole block at q       the same content, under the stamp of the newest patch
  /// ```
  ///
  /// Nothing that any version reads changes: below q nobody looks at what is written, and from q on the whole block is
  /// what the chain gave. A block of the group that was written whole after q stands on no patch for the version itself,
  /// but does for the kept ones between: for them it is written whole at q too. So it needs no lease and no new version; a hold keeps the version meanwhile, so that q stays
  /// published (docs/protocol.md, section 7). Cut off anywhere, some chains are folded and others are not.
  ///
  /// Readers find it faster from their next snapshot on.
  @discardableResult
  public func fold(_ reference: VersionReference = .latest) throws(StoreError) -> FoldReport {
    let version = try snapshot(at: reference).record.version
    let held = try hold([version])
    defer { try? endHold(held) }
    // Opened under the hold.
    let snapshot = try snapshot(at: .number(version))
    var report = FoldReport()
    for name in snapshot.tables {
      guard let spec = try snapshot.readableSpec(name) else { continue }
      for shard in shards {
        for column in try snapshot.columns(table: spec.number, shard: shard.number)
        where column & PatchPack.columnBit != 0 {
          try fold(
            snapshot, table: spec.number, column: column & ~PatchPack.columnBit, shard, into: &report)
        }
      }
    }
    return report
  }

  private func fold(
    _ snapshot: Snapshot, table: UInt32, column: UInt16, _ shard: Shard, into report: inout FoldReport
  ) throws(StoreError) {
    let chains = try snapshot.patchChains(table: table, column: column, shard: shard.number)
    guard !chains.isEmpty else { return }
    let bases = FoldedBases(
      snapshot: snapshot, shard: shard.number, kept: try collectorState(),
      blocks: Dictionary(
        uniqueKeysWithValues: try snapshot.blocks(table: table, column: column, shard: shard.number).map {
          (Int(clamping: $0.address.block), $0)
        }))
    let resolver = try snapshot.resolver(table: table, column: column, shard: shard.number)
    var pending: [FoldedChain] = []
    var bytes = 0
    for chain in chains {
      let folded = try FoldedChain(snapshot, chain, bases, resolver)
      bytes += folded.bytes
      pending.append(folded)
      if bytes >= Self.foldedBytesMax || chain.group == chains.last?.group {
        FailurePoint.reach("fold.before-transaction")
        try put(pending, shard, into: &report)
        FailurePoint.reach("fold.committed")
        (pending, bytes) = ([], 0)
      }
    }
  }

  private static let foldedBytesMax = 32 << 20

  private func put(_ chains: [FoldedChain], _ shard: Shard, into report: inout FoldReport) throws(StoreError) {
    _ = try requireWritable()
    let done = try lmdb { () throws(LMDBError) in
      try shard.environment.write { transaction throws(LMDBError) in
        var done = FoldReport()
        for chain in chains {
          // Somebody else may have folded it since.
          let key = BlockKey(chain.address, chain.stamp)
          let stored = try key.withBytes { bytes throws(LMDBError) in try transaction.bytes(at: bytes, in: shard.blocks)
          }
          guard let stored, PatchPack.isPatch(stored) else { continue }
          for block in chain.blocks {
            try transaction.put(block.pending, under: chain.stamp, in: shard)
            done.blocks += 1
            done.bytes += block.content.bytes.count
          }
          try transaction.put(.deletion(chain.address), under: chain.stamp, in: shard)
          done.chains += 1
        }
        FailurePoint.reach("fold.before-commit")
        return done
      }
    }
    report.chains += done.chains
    report.blocks += done.blocks
    report.bytes += done.bytes
  }
}

/// What the packs of a chain stand on, for whoever reads the newest of them.
private struct FoldedBases {
  let snapshot: Snapshot
  let shard: Int
  let kept: Collector.State
  /// The version's own, by number.
  let blocks: [Int: Block]

  /// The block at `stamp`; `nil` where no kept version sees it.
  func block(_ address: BlockAddress, at stamp: Stamp) throws(StoreError) -> Block? {
    if let block = blocks[Int(address.block)], block.stamp <= stamp { return block }
    guard let later = try snapshot.newest(address, upTo: nil, shard: shard)?.stamp,
      kept.needs(address.table, stamp, before: later),
      let older = try snapshot.newest(address, upTo: stamp, shard: shard), older.value.count > BlockHeader.size
    else { return nil }
    return older
  }
}

/// The blocks that a chain patches, whole.
private struct FoldedChain {
  /// Of the newest pack, and what its blocks are written under.
  let stamp: Stamp
  let address: BlockAddress
  private(set) var blocks: [(pending: PendingBlock, content: OwnedBytes)] = []
  private(set) var bytes = 0

  init(_ snapshot: Snapshot, _ chain: PatchChain, _ bases: FoldedBases, _ resolver: PatchResolver) throws(StoreError) {
    (stamp, address) = (chain.newest, chain.packs[0].address)
    let packs = try snapshot.packs(of: chain)
    guard let first = packs.first?.firstBlock else { return }
    let present = packs.reduce(UInt64(0)) { $0 | $1.present }
    for place in 0..<64 where present >> UInt64(place) & 1 != 0 {
      let number = BlockAddress(
        table: address.table, column: address.column & ~PatchPack.columnBit, block: UInt64(first + place))
      guard let block = try bases.block(number, at: stamp),
        packs.contains(where: { $0.present >> UInt64(place) & 1 != 0 && $0.stamp > block.stamp })
      else { continue }
      let content = OwnedBytes(try resolver.content(of: block))
      let header = try block.header()
      blocks.append(
        (
          PendingBlock(
            block.address, type: header.type, codec: header.codec, rows: Int(header.rows), stride: Int(header.stride),
            content: content.bytes), content
        ))
      bytes += content.bytes.count
    }
  }
}
