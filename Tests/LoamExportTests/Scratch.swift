import Foundation

/// A directory of its own for one test, gone with the value.
final class Scratch {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("loam-export-\(UUID().uuidString)").path
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) -> String {
    try! Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func bytes(of name: String) -> [UInt8] { [UInt8](try! Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  var entries: [String] { try! FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
