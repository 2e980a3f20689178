import Synchronization

/// Memory of chunks, used again: fresh pages cost as much as the copy that fills them.
final class ChunkMemory: Sendable {
  /// Kernels may read so far beyond the last byte.
  static let slack = 64
  /// Pieces kept for the next chunks: those of two waves of a machine of some cores.
  private static let keptMax = 64

  private struct Piece: @unchecked Sendable {
    // Nobody's while it is kept.
    var start: UnsafeMutablePointer<UInt8>
    var room: Int
  }
  private let kept = Mutex<[Piece]>([])

  deinit { for piece in kept.withLock({ $0 }) { piece.start.deallocate() } }

  /// At least so many bytes, and how many, besides the slack.
  func take(room: Int) -> (start: UnsafeMutablePointer<UInt8>, room: Int) {
    let piece = kept.withLock { kept in
      kept.lastIndex { $0.room >= room }.map { kept.remove(at: $0) }
    }
    if let piece { return (piece.start, piece.room) }
    return (.allocate(capacity: room + Self.slack), room)
  }

  func give(_ start: UnsafeMutablePointer<UInt8>, room: Int) {
    let piece = Piece(start: start, room: room)
    let surplus = kept.withLock { kept -> Piece? in
      kept.append(piece)
      guard kept.count > Self.keptMax, let smallest = kept.indices.min(by: { kept[$0].room < kept[$1].room }) else {
        return nil
      }
      return kept.remove(at: smallest)
    }
    surplus?.start.deallocate()
  }
}
