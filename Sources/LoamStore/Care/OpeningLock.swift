import Glibc

/// Held by a reader while it opens the environments: none of their files is being replaced then.
///
/// Afterwards liblmdb's own lock says that somebody has an environment open.
final class OpeningLock: Sendable {
  private let descriptor: Int32

  init(_ layout: StoreLayout) throws(StoreError) {
    // Where the file cannot be opened (a read-only disk), nobody can replace anything either.
    descriptor = open(layout.lockFile, O_RDONLY | O_CLOEXEC)
    guard descriptor < 0 || flock(descriptor, LOCK_SH | LOCK_NB) == 0 else {
      throw StoreError(
        .storeBusy, "\(layout.root) is being compacted or repaired", hint: "Wait until that has finished and repeat.")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
