#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where records come from.
public enum Input: Sendable {
  case file(String)
  case standardInput
  /// Bytes in memory, handed on `chunkBytes` at a time.
  case memory(name: String, bytes: [UInt8], chunkBytes: Int = IngestLimits.chunkBytes)

  /// How messages call it, and the name of its position in the log.
  public var name: String {
    switch self {
    case .file(let path): path
    case .standardInput: "-"
    case .memory(let name, _, _): name
    }
  }

  /// `-` is standard input, everything else a path.
  public init(_ text: String) { self = text == "-" ? .standardInput : .file(text) }

  /// It can be opened and read more than once. A path may also name a pipe.
  var isRegularFile: Bool {
    guard case .file(let path) = self else { return false }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
