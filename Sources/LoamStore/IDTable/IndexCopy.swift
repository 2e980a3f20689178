import Glibc
import Synchronization

/// Copies of verified index blocks side by side in huge pages.
///
/// In the map every index block is a page of 4 KiB of its own, so a lookup at random waits for the page table as well
/// as for the line. Two megabytes a page make the whole index fit in the processor's table. A block is copied when its
/// checksum is compared, which reads it anyway; what no lookup touches takes no memory.
// Sendable: a place is given once, written by the one that got it, and read by those that got its address later.
final class IndexCopy: @unchecked Sendable {
  private static let hugePageBytes = 2 << 20
  /// Blocks that stay in the map before copying starts: a few lookups are not worth a huge page.
  static let mappedFirst = 64

  private let start: UnsafeMutableRawPointer?
  private let bytes: Int
  private let capacity: Int
  private let seen = Atomic(0)

  /// - Parameter blocks: that may be copied; address space is reserved for them.
  init(blocks: Int) {
    capacity = blocks
    bytes = (blocks * IndexBlock.bytes + 2 * Self.hugePageBytes - 1) & ~(Self.hugePageBytes - 1)
    let found = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE), -1, 0)
    start = found == MAP_FAILED ? nil : found
    // A kernel without huge pages serves the copy from small ones: as fast as the map.
    if let start { _ = madvise(start, bytes, MADV_HUGEPAGE) }
  }

  deinit { if let start { munmap(start, bytes) } }

  /// Gives shards that were just opened one copy, if their index is to be copied: the one that another version's shards
  /// have, as long as it has room for blocks that change.
  static func place(_ place: IDTableReader.IndexPlace, _ shards: [IDTableShard], after others: [IDTableShard] = []) {
    guard place == .copied else { return }
    let blocks = shards.reduce(0) { $0 + $1.index.words.count }
    let known = others.first?.index.copy
    let copy = known.flatMap { $0.hasRoom(for: blocks) ? $0 : nil } ?? IndexCopy(blocks: blocks + blocks / 2)
    for shard in shards { shard.index.copy = copy }
  }

  /// Whether an index of so many blocks, of which most have been copied, can go on with this copy.
  private func hasRoom(for blocks: Int) -> Bool {
    let left = capacity - max(0, seen.load(ordering: .relaxed) - Self.mappedFirst)
    return capacity >= blocks && left >= blocks / 8
  }

  /// The block where lookups are to find it. Its checksum must have been compared.
  func place(_ block: UnsafeRawPointer) -> UnsafeRawPointer {
    // Threads that verify one block at once copy it twice, hence the bound.
    let number = seen.add(1, ordering: .relaxed).oldValue - Self.mappedFirst
    guard let start, number >= 0, number < capacity else { return block }
    let copy = start + number * IndexBlock.bytes
    copy.copyMemory(from: block, byteCount: IndexBlock.bytes)
    return UnsafeRawPointer(copy)
  }
}
