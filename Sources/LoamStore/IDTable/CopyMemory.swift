import Glibc
import Synchronization

/// Where the copies of blocks of one write lie: pieces of huge pages, of at most so many bytes.
///
/// A trainer gathers and updates rows at random over all of its copies. In pages of 4 KiB nearly every access waits for a
/// page walk; two megabytes a page, the processor's table holds the copies of a table of gigabytes.
///
/// ```
///   chunk of 2 MiB     piece piece piece ...      one size of piece a chunk, whole pages each
///   a piece            in use ◀─▶ free ─▶ released (its pages are the system's again) ─▶ in use
/// ```
///
/// Pieces that are given back are used again by the next copy of their size, and released before memory is taken for
/// pieces of another size. May be used from several threads.
final class CopyMemory: Sendable {
  static let chunkBytes = 2 << 20
  private static let pageBytes = 4_096

  /// Pieces of one size that nobody uses.
  private struct Pieces {
    let pages: Int
    var free: [UnsafeMutableRawPointer] = []
    var released: [UnsafeMutableRawPointer] = []
  }

  private struct State: ~Copyable, @unchecked Sendable {
    // Pointers into chunks that only the holder of the mutex hands out.
    var chunks: [(start: UnsafeMutableRawPointer, bytes: Int)] = []
    /// The largest first. They are a few: as tables have widths of columns, and powers of two.
    var sizes: [Pieces] = []

    func size(_ pages: Int) -> Int? { sizes.firstIndex { $0.pages == pages } }

    mutating func add(_ pages: Int) -> Int {
      let index = sizes.firstIndex { $0.pages < pages } ?? sizes.count
      sizes.insert(Pieces(pages: pages), at: index)
      return index
    }
    /// Chunks of which pieces were released: in a huge page the system would fill what it was given.
    var small: Set<UnsafeMutableRawPointer> = []

    deinit { for chunk in chunks { munmap(chunk.start, chunk.bytes) } }
  }
  private let state = Mutex(State())
  private let used = Atomic(0)
  private let limit = Atomic(Int.max)
  private let tight = Atomic(false)
  private let kept = Atomic(0)

  /// Bytes of all copies at this moment, with what `count` added.
  var bytesInUse: Int { used.load(ordering: .relaxed) }

  /// With what `keep` counts, from where on copies are to be put early.
  var bytesMax: Int {
    get { limit.load(ordering: .relaxed) }
    set { limit.store(newValue, ordering: .relaxed) }
  }

  /// What copies may take. However much is kept, half of it all is theirs: giving up more of them would not help.
  var room: Int { bytesMax - min(kept.load(ordering: .relaxed), bytesMax / 2) }

  @inline(__always) var isFull: Bool { bytesInUse > room }

  /// Copies had to be given up, or soon will have to: what is changed from now on is copied row by row. One group of
  /// rows all over a table would make copies of a block each.
  var isTight: Bool {
    get { tight.load(ordering: .relaxed) || bytesInUse > room / 4 * 3 }
    set { tight.store(newValue, ordering: .relaxed) }
  }

  /// Memory that somebody else holds for changes of the write.
  func count(_ bytes: Int) { used.add(bytes, ordering: .relaxed) }

  /// Memory that stays whatever is given up: what is known of each block and row.
  func keep(_ bytes: Int) { kept.add(bytes, ordering: .relaxed) }

  private static func pages(_ byteCount: Int) -> Int { (byteCount + pageBytes - 1) / pageBytes }

  /// What a piece of so many bytes takes.
  static func pieceBytes(_ byteCount: Int) -> Int { pages(byteCount) * pageBytes }

  /// A piece of at least that many bytes, its content undefined, aligned to a page.
  func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let pages = Self.pages(byteCount)
    used.add(pages * Self.pageBytes, ordering: .relaxed)
    nonisolated(unsafe) let piece = state.withLock { state -> UnsafeMutableRawPointer in
      let known = state.size(pages)
      if let known, let piece = state.sizes[known].free.popLast() { return piece }
      if let known, let piece = state.sizes[known].released.popLast() {
        Self.release(pages * Self.pageBytes, &state)
        return piece
      }
      let bytes = max(Self.chunkBytes, (pages * Self.pageBytes + Self.chunkBytes - 1) & ~(Self.chunkBytes - 1))
      Self.release(bytes, &state)
      // A table of few copies keeps to small pages: the first chunk of a size is used page by page.
      let start = Self.map(bytes, huge: known != nil)
      state.chunks.append((start, bytes))
      let step = pages * Self.pageBytes
      let size = known ?? state.add(pages)
      // The lowest is handed out first.
      state.sizes[size].free += stride(from: bytes / step * step - step, through: 0, by: -step).map { start + $0 }
      return state.sizes[size].free.removeLast()
    }
    return piece
  }

  func deallocate(_ piece: UnsafeMutableRawPointer, _ byteCount: Int) {
    nonisolated(unsafe) let piece = piece
    let pages = Self.pages(byteCount)
    used.subtract(pages * Self.pageBytes, ordering: .relaxed)
    state.withLock { state in state.sizes[state.size(pages)!].free.append(piece) }
  }

  /// Gives the system so many bytes of free pieces, where there are as many: others take their place.
  private static func release(_ bytes: Int, _ state: inout State) {
    var left = bytes
    for size in state.sizes.indices {
      let pieceBytes = state.sizes[size].pages * pageBytes
      while left > 0, let piece = state.sizes[size].free.popLast() {
        let chunk = piece - Int(bitPattern: piece) % chunkBytes
        if state.small.insert(chunk).inserted { _ = madvise(chunk, chunkBytes, Int32(MADV_NOHUGEPAGE)) }
        _ = madvise(piece, pieceBytes, Int32(MADV_DONTNEED))
        state.sizes[size].released.append(piece)
        left -= pieceBytes
      }
    }
  }

  /// Address space that begins at a huge page's bounds, as only whole huge pages are taken.
  private static func map(_ bytes: Int, huge: Bool) -> UnsafeMutableRawPointer {
    let all = bytes + chunkBytes
    guard let start = mmap(nil, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED
    else { fatalError("no memory for a copy of \(bytes) bytes") }
    let before = (chunkBytes - Int(bitPattern: start) % chunkBytes) % chunkBytes
    if before > 0 { munmap(start, before) }
    munmap(start + before + bytes, all - before - bytes)
    // A kernel without huge pages serves small ones.
    if huge { _ = madvise(start + before, bytes, Int32(MADV_HUGEPAGE)) }
    return start + before
  }
}
