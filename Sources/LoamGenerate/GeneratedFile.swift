import Foundation

/// A file that appears under its name only when it is complete.
struct GeneratedFile {
  private let handle: FileHandle
  private let path: String
  private var unfinished: String { path + ".unfinished" }

  init(_ path: String) throws(GenerateError) {
    self.path = path
    let unfinished = path + ".unfinished"
    guard FileManager.default.createFile(atPath: unfinished, contents: nil),
      let handle = FileHandle(forWritingAtPath: unfinished)
    else {
      throw GenerateError(.io, "cannot write \(path)", hint: "Is the directory writable?")
    }
    self.handle = handle
  }

  func write(_ bytes: [UInt8]) throws(GenerateError) {
    do { try handle.write(contentsOf: Data(bytes)) } catch { throw failed(error) }
  }

  func finish() throws(GenerateError) {
    do {
      try handle.close()
      try? FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: unfinished, toPath: path)
    } catch { throw failed(error) }
  }

  private func failed(_ error: any Error) -> GenerateError {
    GenerateError(.io, "cannot write \(path): \(error.localizedDescription)", hint: "Is the disk full?")
  }
}
