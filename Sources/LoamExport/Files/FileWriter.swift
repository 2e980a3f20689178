import Crypto
import Dispatch
import Foundation
import Synchronization

/// Hashes and writes the pieces of one file in their order, on a thread of its own, while the next ones are made.
final class FileWriter: Sendable {
  /// Pieces that wait; whoever makes more of them waits for the disk.
  private static let piecesMax = 4
  /// The disk begins with so many bytes at a time; without it all would be left to the end.
  private static let startedBytes = 8 << 20

  private struct State {
    var hash = SHA256()
    var written = 0
    /// Of those the ones that the disk was told to begin with.
    var started = 0
    var failure: ExportError?
  }
  private let path: String
  private let descriptor: Int32
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "loam.export.file")
  private let room = DispatchSemaphore(value: FileWriter.piecesMax)

  init(creating path: String) throws(ExportError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    if descriptor < 0 { throw systemError("cannot create", path) }
  }

  deinit { close(descriptor) }

  /// - Throws: what an earlier piece failed at.
  func append(_ piece: [UInt8]) throws(ExportError) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
    room.wait()
    queue.async { [self] in
      state.withLock { write(piece, &$0) }
      room.signal()
    }
  }

  /// Durable when it returns.
  func finish() throws(ExportError) -> FileDigest {
    queue.sync {}
    let (failure, digest) = state.withLock { state in
      (state.failure, FileDigest(bytes: state.written, sha256: state.hash.finalize().hexadecimal))
    }
    if let failure { throw failure }
    if fsync(descriptor) != 0 { throw systemError("cannot sync", path) }
    return digest
  }

  private func write(_ piece: [UInt8], _ state: inout State) {
    if state.failure != nil { return }
    piece.withUnsafeBytes { bytes in
      state.hash.update(bufferPointer: bytes)
      var rest = bytes
      while !rest.isEmpty {
        let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(state.written))
        if count < 0 {
          if errno == EINTR { continue }
          state.failure = systemError("cannot write", path)
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        state.written += count
      }
    }
    #if os(Linux)
      if state.written - state.started >= Self.startedBytes {
        // Linux begins to write what is dirty there. Where the advice is not taken, the sync at the end takes longer.
        posix_fadvise(
          descriptor, off_t(state.started), off_t(state.written - state.started), POSIX_FADV_DONTNEED)
        state.started = state.written
      }
    #endif
  }
}
