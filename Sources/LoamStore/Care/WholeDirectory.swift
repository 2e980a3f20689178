import FoundationEssentials
import Glibc

/// A directory that appears under its name only when it is complete.
enum WholeDirectory {
  /// Runs `body` on a hidden directory beside `path`, then renames it; removes it when `body` throws.
  static func make<R>(_ path: String, _ what: String, _ body: (String) throws(StoreError) -> R) throws(StoreError) -> R
  {
    guard !Disk.exists(path) else {
      throw StoreError(.exists, "\(path) is there already", hint: "A \(what) replaces nothing: choose another path.")
    }
    let parent = Disk.parent(of: path)
    guard Disk.exists(parent) else {
      throw StoreError(.missing, "there is no directory \(parent)", hint: "Create it: mkdir -p \(parent)")
    }
    let unfinished = "\(parent)/.\(Disk.name(of: path)).unfinished-\(DurableFile.uniqueSuffix)"
    do throws(StoreError) {
      guard mkdir(unfinished, 0o700) == 0 else { throw DurableFile.failure("create", unfinished) }
      let result = try body(unfinished)
      DurableFile.syncDirectory(unfinished)
      FailurePoint.reach("whole-directory.before-rename")
      guard !Disk.exists(path), rename(unfinished, path) == 0 else { throw DurableFile.failure("create", path) }
      DurableFile.syncDirectory(parent)
      return result
    } catch {
      _ = try? FileManager.default.removeItem(atPath: unfinished)
      throw error
    }
  }

  static func makeInside(_ directory: String) throws(StoreError) {
    guard mkdir(directory, 0o700) == 0 else { throw DurableFile.failure("create", directory) }
  }
}
