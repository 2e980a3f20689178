import Foundation

/// A disk that recorded calls are played to, and what a power cut leaves of it.
///
/// ```
///   a file's bytes    synced ── pending writes since ──▶     a cut keeps any of the pending ones, one torn in the middle
///   names             durable ── pending changes ──▶         a cut keeps the first few: file systems journal them in order
/// ```
///
/// A change of a name is durable once its directory was synced. A write through a descriptor with O_DSYNC is durable at
/// once. Disks write 512 bytes whole or not at all.
struct ReplayedDisk {
  private enum Change {
    case write(offset: Int, bytes: [UInt8])
    case truncate(Int)

    func apply(to file: inout [UInt8]) {
      switch self {
      case .write(let offset, let bytes):
        if file.count < offset + bytes.count {
          file += [UInt8](repeating: 0, count: offset + bytes.count - file.count)
        }
        file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
      case .truncate(let length):
        file = length < file.count ? Array(file[..<length]) : file + [UInt8](repeating: 0, count: length - file.count)
      }
    }

    /// The first sectors of it.
    func torn(_ random: inout Seeded) -> Change {
      guard case .write(let offset, let bytes) = self, bytes.count > 512 else { return self }
      let kept = Int.random(in: 0...(bytes.count - 1) / 512, using: &random) * 512
      return .write(offset: offset, bytes: Array(bytes[..<kept]))
    }
  }
  private struct File {
    var synced: [UInt8] = []
    var pending: [Change] = []
    var whole: [UInt8] = []
  }
  private enum NameChange {
    case add(String, file: Int?)
    case remove(String)
    case rename(String, String)

    /// Whose sync makes it durable.
    var directory: String {
      switch self {
      case .add(let path, _), .remove(let path), .rename(_, let path): (path as NSString).deletingLastPathComponent
      }
    }
  }
  /// Path -> file; `nil`: a directory.
  private typealias Names = [String: Int?]

  private var files: [File] = []
  private var names: Names = [:]
  private var durableNames: Names = [:]
  private var pendingNames: [NameChange] = []

  /// Whether something could be lost now.
  var hasPending: Bool { !pendingNames.isEmpty || files.contains { !$0.pending.isEmpty } }

  mutating func play(_ call: RecordedCall) {
    switch call {
    case .write(let path, let offset, let bytes, let isBarrier):
      change(path, .write(offset: offset, bytes: bytes), isDurable: isBarrier)
    case .truncate(let path, let length): change(path, .truncate(length), isDurable: false)
    case .sync(let path): sync(path)
    case .create(let path):
      files.append(File())
      name(.add(path, file: files.count - 1))
    case .makeDirectory(let path): name(.add(path, file: nil))
    case .unlink(let path): name(.remove(path))
    case .rename(let from, let to): name(.rename(from, to))
    case .mark: break
    }
  }

  private mutating func change(_ path: String, _ change: Change, isDurable: Bool) {
    guard case .some(.some(let file)) = names[path] else { return }
    change.apply(to: &files[file].whole)
    if isDurable { change.apply(to: &files[file].synced) } else { files[file].pending.append(change) }
  }

  private mutating func sync(_ path: String) {
    if case .some(.some(let file)) = names[path] {
      files[file].pending = []
      files[file].synced = files[file].whole
    } else if let last = pendingNames.lastIndex(where: { $0.directory == path }) {
      for change in pendingNames[...last] { Self.apply(change, &durableNames) }
      pendingNames.removeFirst(last + 1)
    }
  }

  private mutating func name(_ change: NameChange) {
    Self.apply(change, &names)
    pendingNames.append(change)
  }

  private static func apply(_ change: NameChange, _ names: inout Names) {
    switch change {
    case .add(let path, let file): names[path] = .some(file)
    case .remove(let path): names[path] = nil
    case .rename(let from, let to):
      for (path, file) in names where path == from || path.hasPrefix(from + "/") {
        names[path] = nil
        names[to + path.dropFirst(from.count)] = .some(file)
      }
    }
  }

  /// Writes the files as they are when nothing is lost.
  func write(from root: String, to directory: String) throws {
    try Self.write(names, from: root, to: directory) { files[$0].whole }
  }

  /// Writes what a power cut leaves: some of what was not synced.
  func writeCut(from root: String, to directory: String, _ random: inout Seeded) throws {
    var left = durableNames
    let kept = pendingNames.isEmpty ? 0 : Int.random(in: 0...pendingNames.count, using: &random)
    for change in pendingNames[..<kept] { Self.apply(change, &left) }
    var contents: [Int: [UInt8]] = [:]
    for (number, file) in files.enumerated() where !file.pending.isEmpty {
      var bytes = file.synced
      let torn = Int.random(in: 0..<file.pending.count, using: &random)
      for (index, change) in file.pending.enumerated() where Bool.random(using: &random) {
        (index == torn ? change.torn(&random) : change).apply(to: &bytes)
      }
      contents[number] = bytes
    }
    try Self.write(left, from: root, to: directory) { contents[$0] ?? files[$0].synced }
  }

  private static func write(_ names: Names, from root: String, to directory: String, _ content: (Int) -> [UInt8]) throws
  {
    try? FileManager.default.removeItem(atPath: directory)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for (path, file) in names.sorted(by: { $0.key < $1.key }) {
      let target = directory + path.dropFirst(root.count)
      guard let file else {
        try? FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        continue
      }
      // The name of a file in a directory whose own name was lost.
      let parent = (target as NSString).deletingLastPathComponent
      guard FileManager.default.fileExists(atPath: parent) else { continue }
      _ = FileManager.default.createFile(atPath: target, contents: Data(content(file)))
    }
  }
}
