import Glibc

/// Small files that are there whole or not at all.
public enum DurableFile {
  /// Writes beside, syncs, renames over, and syncs the directory.
  public static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
    let temporary = "\(path).tmp-\(uniqueSuffix)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("create", temporary) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = failure("write", temporary)
        close(descriptor)
        unlink(temporary)
        throw error
      }
      written += count
    }
    let isSynced = fsync(descriptor) == 0
    let error = failure("sync", temporary)
    guard close(descriptor) == 0, isSynced else {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let error = failure("rename", temporary)
      unlink(temporary)
      throw error
    }
    syncDirectory(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
  }

  /// For the name of a file or directory that is being made: another thread's, and one that a crash left, differ.
  static var uniqueSuffix: String { "\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))" }

  static func syncDirectory(_ path: String) {
    let descriptor = open(path.isEmpty ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  static func failure(_ what: String, _ path: String) -> StoreError {
    let number = errno
    return StoreError(
      number == ENOSPC || number == EDQUOT ? .diskFull : .io,
      "cannot \(what) \(path): \(String(cString: strerror(number)))")
  }
}
