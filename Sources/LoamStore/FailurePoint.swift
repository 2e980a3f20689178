import Glibc
import Synchronization

/// Named places of the protocol where a test can kill the process or run something in between. Compiled out of release
/// builds.
///
/// `LOAM_FAILURE_POINT=publish.before-commit:2` kills the process the second time that it gets there.
enum FailurePoint {
  #if DEBUG
    private static let target: (name: Substring, count: Int)? = {
      guard let text = getenv("LOAM_FAILURE_POINT").map({ String(cString: $0) }) else { return nil }
      let parts = text.split(separator: ":")
      return (parts[0], parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }()
    private static let reached = Mutex(0)

    /// Run in the thread that gets to a point; tests of interleavings set them for their own thread.
    @TaskLocal static var interruption: (@Sendable (String) -> Void)?
  #endif

  @inline(__always)
  static func reach(_ name: StaticString) {
    #if DEBUG
      interruption?("\(name)")
      guard let target, target.name == "\(name)" else { return }
      let count = reached.withLock { count in
        count += 1
        return count
      }
      if count == target.count { kill(getpid(), SIGKILL) }
    #endif
  }
}
