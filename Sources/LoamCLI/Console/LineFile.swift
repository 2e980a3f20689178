import Foundation

/// Text on its way into a file that appears under its name only when it is complete; `-` is standard output.
final class LineFile {
  private let path: String
  private let handle: FileHandle?
  private var unfinished: String { path + ".unfinished" }

  init(_ path: String) throws {
    self.path = path
    guard path != "-" else {
      handle = nil
      return
    }
    let unfinished = path + ".unfinished"
    guard FileManager.default.createFile(atPath: unfinished, contents: nil),
      let opened = FileHandle(forWritingAtPath: unfinished)
    else {
      throw CommandError(.unknownFile, "cannot write \(path)", hint: "Is the directory there, and writable?")
    }
    handle = opened
  }

  func write(_ text: String) throws {
    guard let handle else { return Terminal.output.write(text) }
    try handle.write(contentsOf: Data(text.utf8))
  }

  /// Bytes as they are; not for standard output.
  func write(bytes: UnsafeRawBufferPointer) throws { try handle?.write(contentsOf: bytes) }

  /// Puts bytes in the place of the first ones; nothing can be written after it.
  func overwrite(bytes: UnsafeRawBufferPointer) throws {
    try handle?.seek(toOffset: 0)
    try write(bytes: bytes)
  }

  func finish() throws {
    guard let handle else { return }
    try handle.close()
    guard rename(unfinished, path) == 0 else {
      throw CommandError(.unknownFile, "cannot write \(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    // Left only where the work failed; after `finish` there is none.
    if handle != nil { unlink(unfinished) }
  }
}
