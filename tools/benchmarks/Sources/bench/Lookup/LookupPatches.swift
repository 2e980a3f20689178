import Foundation
import LoamStore

/// The table of the lookups as a serving store may have it: most rows in their blocks, a third of them in patches.
extension LookupTable {
  private static let commits = 16
  /// Of all rows, at the end.
  private static let patchedShare = 0.35

  /// A copy of the store in which 16 commits have each patched rows of every block.
  static func buildPatched(from store: String, at path: String, rows: Int) throws {
    try copy(store, to: path) { store in
      var random = Random(7)
      // Rows that two commits draw count once.
      let drawn = Int(Double(rows) * (1 - pow(1 - patchedShare, 1 / Double(commits))))
      let write = try store.begin([spec])
      let table = try IDTableWriter(write, spec)
      for commit in 0..<commits {
        if commit > 0 { try table.rebase() }
        let numbers = (0..<drawn).map { _ in UInt32(random.below(rows)) }
        let ids = numbers.map(Draws.id)
        var references = [RowReference](repeating: .none, count: drawn)
        try ids.withUnsafeBufferPointer { ids in
          try references.withUnsafeMutableBufferPointer { try table.find(ids, into: $0) }
        }
        try references.withUnsafeBufferPointer { references in
          try table.update([0], references) { group throws(StoreError) in
            let vectors = group.rows(0, of: Float.self)
            // Not the first and the last element, which each lookup checks.
            for position in 0..<group.count { vectors[position]![1] = Float(commit) }
          }
        }
        try table.flush()
        try write.publish(PublishOptions(goOn: commit + 1 < commits))
      }
    }
  }

  static func buildFolded(from patched: String, at path: String) throws {
    try copy(patched, to: path) { store in
      let report = try store.fold()
      note("folded \(report.blocks) blocks, \(report.bytes >> 20) MiB")
    }
  }

  private static func copy(_ from: String, to path: String, _ body: (Store) throws -> Void) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    note("building \(path)")
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    try Peer.run(["cp", "-r", "--sparse=always", from, partial])
    let store = try Store.open(at: partial, for: .write)
    try body(store)
    store.close()
    try FileManager.default.moveItem(atPath: partial, toPath: path)
  }
}
