import Foundation

/// A directory that appears whole or not at all: filled beside its place under `.tmp-`, then renamed.
///
/// rename(2) replaces an empty directory and refuses any other, so no look before it is needed to be safe; the one at
/// the beginning only saves the work.
struct OutputDirectory: ~Copyable {
  private let target: String
  private let parent: String
  private var files: [String] = []
  private var published = false
  let temporary: String

  init(at path: String) throws(ExportError) {
    var target = path
    while target.count > 1 && target.hasSuffix("/") { target.removeLast() }
    let slash = target.lastIndex(of: "/")
    let parent = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
    let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
    guard !name.isEmpty, name != ".", name != ".." else {
      throw ExportError(.exists, "\(path.quoted) cannot be an output directory: give it a name of its own")
    }
    try Self.requireFree(target)
    let random = String(UInt64.random(in: 0 ... .max), radix: 16)
    let temporary = "\(parent)/.tmp-\(name)-\(random)"
    guard mkdir(temporary, 0o755) == 0 else {
      if errno == ENOENT {
        throw ExportError(.missing, "\(parent) is not there", hint: "Create it: mkdir -p \(parent)")
      }
      throw systemError("cannot create", temporary)
    }
    self.target = target
    self.parent = parent
    self.temporary = temporary
  }

  private static func requireFree(_ target: String) throws(ExportError) {
    var status = stat()
    guard lstat(target, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw ExportError(.exists, "\(target) is there and is no directory")
    }
    guard let listing = opendir(target) else { throw systemError("cannot list", target) }
    defer { closedir(listing) }
    // `.` and `..` are always there.
    for _ in 0..<3 where readdir(listing) == nil { return }
    throw taken(target)
  }

  private static func taken(_ target: String) -> ExportError {
    ExportError(
      .exists, "\(target) is there and not empty", hint: "Choose another directory; an export replaces nothing.")
  }

  /// The path under which to create a file. `name` is ours, without a slash.
  mutating func path(for name: String) -> String {
    precondition(!name.contains("/"))
    files.append(name)
    return "\(temporary)/\(name)"
  }

  mutating func publish() throws(ExportError) {
    try sync(temporary)
    guard rename(temporary, target) == 0 else {
      if [ENOTEMPTY, EEXIST, ENOTDIR].contains(errno) { throw Self.taken(target) }
      throw systemError("cannot rename \(temporary) to", target)
    }
    published = true
    try sync(parent)
  }

  private func sync(_ directory: String) throws(ExportError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw systemError("cannot open", directory) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw systemError("cannot sync", directory) }
  }

  deinit {
    if published { return }
    for file in files { unlink("\(temporary)/\(file)") }
    rmdir(temporary)
  }
}
