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

  static func register(_ identity: FileIdentity) -> Bool { open.withLock { $0.insert(identity).inserted } }
  static func unregister(_ identity: FileIdentity) { _ = open.withLock { $0.remove(identity) } }
}
