import Glibc

/// What the disk below a path has left.
enum Disk {
  /// `nil` where the system does not say.
  static func space(at path: String) -> (freeBytes: Int, totalBytes: Int)? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let unit = UInt64(status.f_frsize)
    return (
      Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: unit).partialValue),
      Int(clamping: UInt64(status.f_blocks).multipliedReportingOverflow(by: unit).partialValue)
    )
  }

  static func size(_ file: String) -> Int? {
    var status = stat()
    return stat(file, &status) == 0 ? Int(status.st_size) : nil
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }
}
