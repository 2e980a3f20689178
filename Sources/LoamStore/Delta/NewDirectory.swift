import FoundationEssentials
import Glibc

/// A directory that appears whole or not at all: filled beside its place, then renamed.
final class NewDirectory {
  let target: String
  let temporary: String
  private let parent: String
  private var published = false

  /// - Parameter make: `false` where something else makes the temporary directory.
  init(at path: String, make: Bool = true) throws(StoreError) {
    let target = Store.canonical(path)
    let slash = target.lastIndex(of: "/")
    let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
    guard !name.isEmpty, name != ".", name != ".." else {
      throw StoreError(.exists, "\(path) cannot be made anew", hint: "Give the directory a name of its own.")
    }
    if let found = try? FileManager.default.contentsOfDirectory(atPath: target), !found.isEmpty {
      throw StoreError(.exists, "\(target) is there and not empty", hint: "Choose another path; nothing is replaced.")
    }
    let parent = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
    guard access(parent, F_OK) == 0 else {
      throw StoreError(.missing, "there is no directory \(parent)", hint: "Create it: mkdir -p \(parent)")
    }
    (self.target, self.parent) = (target, parent)
    temporary = "\(parent)/.tmp-\(name)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    if make, mkdir(temporary, 0o755) != 0 { throw DurableFile.failure("create", temporary) }
  }

  /// rename(2) replaces an empty directory and refuses any other.
  func publish() throws(StoreError) {
    DurableFile.syncDirectory(temporary)
    guard rename(temporary, target) == 0 else {
      if [ENOTEMPTY, EEXIST, ENOTDIR].contains(errno) {
        throw StoreError(.exists, "\(target) is there and not empty", hint: "Choose another path; nothing is replaced.")
      }
      throw DurableFile.failure("create", target)
    }
    published = true
    DurableFile.syncDirectory(parent)
  }

  deinit { if !published { try? FileManager.default.removeItem(atPath: temporary) } }
}
