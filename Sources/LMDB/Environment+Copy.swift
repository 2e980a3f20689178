import CLMDB
import Glibc

extension Environment {
  /// Writes what the environment holds now into a new data file, and syncs it; readers and writers go on meanwhile.
  ///
  /// The copy is one instant: it is made inside a read transaction, which keeps its pages from being used again, so
  /// the file of a busy environment grows while it is copied. Throws `diskFull`; a copy that failed is removed.
  public func copy(to file: String) throws(LMDBError) {
    // A transaction around the copy's own takes over a map that another process has grown, and keeps it in place.
    try read { _ throws(LMDBError) in try Self.copy(handle, path, to: file, flags: 0) }
  }

  static func copy(_ handle: OpaquePointer, _ path: String, to file: String, flags: UInt32) throws(LMDBError) {
    let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw LMDBError(LMDBError.code(for: errno), call: "create the copy", path: file) }
    do throws(LMDBError) {
      defer { Glibc.close(descriptor) }
      try check(mdb_env_copyfd2(handle, descriptor, flags), "mdb_env_copyfd2", path)
      guard fsync(descriptor) == 0 else { throw LMDBError(LMDBError.code(for: errno), call: "fsync", path: file) }
    } catch {
      unlink(file)
      throw error
    }
  }
}
