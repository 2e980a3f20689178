#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of an input as they lie there, one chunk in memory.
final class RawBytes {
  let name: String
  /// `nil` for a pipe.
  let totalBytes: Int?
  /// Where the first unread byte lies in the input.
  private(set) var offset = 0
  private var start = 0
  private var end = 0
  private let memory: UnsafeMutableRawBufferPointer
  private let descriptor: Int32
  private var rest: ArraySlice<UInt8>

  init(_ input: Input) throws(IngestError) {
    name = input.name
    var chunkBytes = IngestLimits.chunkBytes
    switch input {
    case .file(let path):
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw RawBytes.unreadable(path, errno) }
      rest = []
    case .standardInput:
      descriptor = dup(STDIN_FILENO)
      guard descriptor >= 0 else { throw RawBytes.unreadable("standard input", errno) }
      rest = []
    case .memory(_, let bytes, let chunk):
      precondition(chunk > 0)
      descriptor = -1
      chunkBytes = chunk
      rest = bytes[...]
    }
    var status = stat()
    if descriptor < 0 {
      totalBytes = rest.count
    } else {
      totalBytes = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }
    memory = .allocate(byteCount: max(chunkBytes, 16), alignment: 64)
    readBytesMax = chunkBytes
  }

  private let readBytesMax: Int

  deinit {
    if descriptor >= 0 { close(descriptor) }
    memory.deallocate()
  }

  var unread: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }

  func take(_ count: Int) {
    precondition(count <= end - start)
    start += count
    offset += count
  }

  /// Reads until at least `count` bytes are unread; fewer only where the input ends.
  func fill(atLeast count: Int = 1) throws(IngestError) {
    assert(count <= 16)
    while end - start < count {
      if start == end {
        (start, end) = (0, 0)
      } else if start > 0 {
        memory.baseAddress!.copyMemory(from: memory.baseAddress! + start, byteCount: end - start)
        (start, end) = (0, end - start)
      }
      let got = try read()
      if got == 0 { return }
      end += got
    }
  }

  private func read() throws(IngestError) -> Int {
    let room = UnsafeMutableRawBufferPointer(rebasing: memory[end..<min(memory.count, end + readBytesMax)])
    if descriptor < 0 {
      let piece = rest.prefix(room.count)
      room.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      return piece.count
    }
    while true {
      #if canImport(Glibc)
        let got = Glibc.read(descriptor, room.baseAddress, room.count)
      #elseif canImport(Musl)
        let got = Musl.read(descriptor, room.baseAddress, room.count)
      #else
        let got = Darwin.read(descriptor, room.baseAddress, room.count)
      #endif
      if got >= 0 { return got }
      if errno != EINTR { throw RawBytes.unreadable(name, errno) }
    }
  }

  private static func unreadable(_ name: String, _ number: Int32) -> IngestError {
    // A directory is opened like a file and refuses to be read.
    let isSystem = ![ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG].contains(number)
    return IngestError(
      isSystem ? .io : .unreadable, "\(name): \(String(cString: strerror(number)))",
      hint: isSystem ? nil : "Is the path right, and readable? '-' is standard input.")
  }
}
