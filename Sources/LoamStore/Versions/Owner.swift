import Glibc
import Synchronization

/// A process's claim to be alive: a file of `writers/` that it holds with flock until it ends.
///
/// The kernel frees the lock when the process's last thread is gone, however it ends; so who can take the lock knows
/// that the owner is dead. There is no time limit: a stopped process wakes up and goes on.
final class Owner: Sendable {
  let token: String
  private let path: String
  private let descriptor: Int32
  private let hasEnded = Mutex(false)

  init(_ layout: StoreLayout) throws(StoreError) {
    while true {
      let token = DurableFile.uniqueSuffix
      let path = "\(layout.writers)/\(token)"
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw DurableFile.failure("create", path) }
      // Between create and lock a cleaner may have taken the file for a dead one's and removed it.
      var status = stat()
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
        self.token = token
        self.path = path
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit { end() }

  /// Gives the claim up: writes and holds that are still this owner's are anybody's to clean.
  func end() {
    let isFirst = hasEnded.withLock { ended in
      defer { ended = true }
      return !ended
    }
    guard isFirst else { return }
    unlink(path)
    close(descriptor)
  }

  /// Runs `body` holding a dead owner's lock; `nil` where the owner lives.
  static func ifDead<R>(_ token: String, _ layout: StoreLayout, _ body: () throws(StoreError) -> R)
    throws(StoreError) -> R?
  {
    guard let descriptor = take("\(layout.writers)/\(token)") else { return nil }
    defer { if descriptor >= 0 { close(descriptor) } }
    return try body()
  }

  static func isAlive(_ token: String, _ layout: StoreLayout) -> Bool {
    guard let descriptor = take("\(layout.writers)/\(token)") else { return true }
    if descriptor >= 0 { close(descriptor) }
    return false
  }

  /// Removes the files of dead owners that `used` does not name.
  static func removeDeadFiles(_ layout: StoreLayout, except used: Set<String>) {
    guard let directory = opendir(layout.writers) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard !name.hasPrefix("."), !used.contains(name), let descriptor = take("\(layout.writers)/\(name)"),
        descriptor >= 0
      else { continue }
      unlink("\(layout.writers)/\(name)")
      close(descriptor)
    }
  }

  /// A descriptor holding the file's lock, -1 where there is no file any more, `nil` where somebody lives behind it.
  private static func take(_ path: String) -> Int32? {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == ENOENT ? -1 : nil }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
    close(descriptor)
    return nil
  }
}

/// The store's LOCK file: shared by every writing process, alone for what changes the store as a whole.
final class StoreLock: Sendable {
  private let descriptor: Int32
  private let hasEnded = Mutex(false)

  init(_ layout: StoreLayout, alone: Bool) throws(StoreError) {
    descriptor = open(layout.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DurableFile.failure("open", layout.lockFile) }
    guard flock(descriptor, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 else {
      close(descriptor)
      throw StoreError(
        .storeBusy,
        alone ? "other processes are writing to \(layout.root)" : "\(layout.root) is being restored or repaired",
        hint: "Wait until they have finished and repeat.")
    }
  }

  deinit { end() }

  func end() {
    let isFirst = hasEnded.withLock { ended in
      defer { ended = true }
      return !ended
    }
    if isFirst { close(descriptor) }
  }
}
