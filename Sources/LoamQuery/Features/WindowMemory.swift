import Synchronization

/// Memory of windows, used again by the next one: a window is tens of megabytes, and fresh pages cost more than what is
/// written to them. May be used from several threads.
final class WindowMemory: Sendable {
  private struct Pieces: ~Copyable, @unchecked Sendable {
    // Pieces that nobody else has a pointer to.
    var free: [UnsafeMutableRawBufferPointer] = []

    deinit { for piece in free { piece.deallocate() } }
  }
  private let pieces = Mutex(Pieces())

  /// At least that many bytes, their content undefined.
  func take(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    nonisolated(unsafe) let piece = pieces.withLock { pieces -> UnsafeMutableRawBufferPointer? in
      let fitting = pieces.free.indices.filter { pieces.free[$0].count >= byteCount }
      if let best = fitting.min(by: { pieces.free[$0].count < pieces.free[$1].count }) {
        return pieces.free.remove(at: best)
      }
      // One that is too small goes for the new one, so that there are never more than were in use at once.
      pieces.free.popLast()?.deallocate()
      return nil
    }
    return piece ?? .allocate(byteCount: byteCount * 9 / 8, alignment: 64)
  }

  func giveBack(_ piece: UnsafeMutableRawBufferPointer) {
    nonisolated(unsafe) let piece = piece
    pieces.withLock { $0.free.append(piece) }
  }
}
