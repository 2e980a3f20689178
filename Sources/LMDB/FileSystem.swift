import CLMDB
import Glibc

/// What the wrapper must know of the file system below an environment.
enum FileSystem {
  /// Magic numbers of `statfs` whose locks or maps do not hold across machines.
  private static let networkTypes: Set<UInt32> = [
    0x6969,  // NFS
    0xFF53_4D42, 0x517B, 0xFE53_4D42,  // CIFS, SMB, SMB2
    0x6573_5546,  // FUSE
    0x0BD0_0BD0,  // Lustre
    0x0102_1997,  // 9p
    0x00C3_6400,  // Ceph
    0x7461_636F,  // OCFS2
    0x0116_1970,  // GFS2
    0x6B41_4653, 0x5346_414F,  // AFS
  ]

  static func isNetwork(_ path: String) -> Bool {
    var status = statfs()
    guard statfs(path, &status) == 0 else { return false }
    return networkTypes.contains(UInt32(truncatingIfNeeded: status.f_type))
  }

  static func isFull(_ path: String) -> Bool {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return false }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize) < 1 << 20
  }

  /// liblmdb does not do this for the files it creates: without it a power cut can lose the whole new environment.
  static func syncDirectory(_ path: String) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    Glibc.close(descriptor)
  }
}
