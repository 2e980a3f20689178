import FoundationEssentials
import LMDB

extension Doctor {
  private static let known: Set<String> = ["loam.json", "LOCK", "writers", "catalog"]
  private static let ofEnvironment: Set<String> = ["data.mdb", "lock.mdb"]

  /// What lies in the store's directory, against what should.
  mutating func examineDirectory(_ identity: StoreIdentity) {
    let expected = Set((0..<identity.shards).map { Disk.name(of: layout.shard($0)) })
    for name in expected.sorted() where Disk.size("\(layout.root)/\(name)/data.mdb") == nil {
      add(
        .damage(
          .missingShard, "\(name) is missing: there is no \(layout.root)/\(name)/data.mdb",
          "Put the shard back if it was moved; otherwise restore the store from a backup."))
    }
    var leftovers: [String] = []
    var unknown: [String] = []
    for name in entries(layout.root) where !Self.known.contains(name) && !expected.contains(name) {
      if name.hasPrefix("shard-") {
        add(
          .warning(
            .extraShard, "\(name) is no shard of this store, which has \(identity.shards)",
            "Move it away, after looking where it came from: Loam never reads it."))
      } else if name.contains(".tmp-") {
        leftovers.append(name)
      } else {
        unknown.append(name)
      }
    }
    for directory in ["catalog"] + expected.sorted() {
      for name in entries("\(layout.root)/\(directory)") where !Self.ofEnvironment.contains(name) {
        if name == ClosedEnvironment.unfinishedName {
          leftovers.append("\(directory)/\(name)")
        } else {
          unknown.append("\(directory)/\(name)")
        }
      }
    }
    if !leftovers.isEmpty {
      add(
        .warning(
          .leftoverFiles, "left by work that was killed: \(leftovers.joined(separator: ", "))",
          "Remove them when no process uses the store."))
    }
    if !unknown.isEmpty {
      add(
        .warning(
          .unknownFiles, "not Loam's: \(unknown.joined(separator: ", "))", "Keep nothing else in a store's directory."))
    }
  }

  mutating func examineDisk() {
    guard let space = Disk.space(at: layout.root), space.freeBytes < options.freeBytesMin else { return }
    add(
      .warning(
        .diskNearlyFull, "the disk of \(layout.root) has \(space.freeBytes) bytes left of \(space.totalBytes)",
        "Free space there. 'loam versions collect' and 'loam compact' make the store itself smaller.", .noSpace))
  }

  /// Sorted; empty where the directory cannot be read.
  func entries(_ directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
  }
}
