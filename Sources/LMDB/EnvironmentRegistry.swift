import Glibc
import Synchronization

/// The environments that this process has open, by device and inode.
///
/// Closing any descriptor of a file drops all of a process's fcntl locks on it, so a second open of one environment,
/// even through a symbolic link, silently takes the first one's reader table away. It is refused instead.
enum EnvironmentRegistry {
  struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64

    init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
    }
  }

  private static let open = Mutex<Set<FileIdentity>>([])

  /// Held while an environment is opened: two threads that both found a path free would open its files twice.
  // Initialised once, never freed.
  nonisolated(unsafe) private static let opening: UnsafeMutablePointer<pthread_mutex_t> = {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    return mutex
  }()

  static func beginOpening() { pthread_mutex_lock(opening) }
  static func endOpening() { pthread_mutex_unlock(opening) }

  static func contains(_ identity: FileIdentity) -> Bool { open.withLock { $0.contains(identity) } }

  static func register(_ identity: FileIdentity) -> Bool { open.withLock { $0.insert(identity).inserted } }
  static func unregister(_ identity: FileIdentity) { _ = open.withLock { $0.remove(identity) } }
}
