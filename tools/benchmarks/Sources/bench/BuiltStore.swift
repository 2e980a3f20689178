import Foundation
import LoamSchema
import LoamStore

/// Stores that are built once and used again.
enum BuiltStore {
  /// A table of `rows` rows with f32 columns: in the first each row's number, 0.1 in the others.
  static func build(at path: String, _ spec: TableSpec, rows: Int) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    note("building \(path)")
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    let store = try Store.create(at: partial)
    let write = try store.begin([spec])
    let table = try IDTableWriter(write, spec)
    var references = [RowReference](repeating: .none, count: Draws.batch)
    for first in stride(from: 0, to: rows, by: Draws.batch) {
      let ids = (first..<min(first + Draws.batch, rows)).map { Draws.id(UInt32($0)) }
      try ids.withUnsafeBufferPointer { ids in
        try references.withUnsafeMutableBufferPointer { references in
          let part = UnsafeMutableBufferPointer(rebasing: references[..<ids.count])
          try table.findOrInsert(ids, into: part)
          try table.update(Array(spec.columns.indices), UnsafeBufferPointer(part)) { group in
            for (column, description) in spec.columns.enumerated() {
              let rows = group.rows(column, of: Float.self)
              for row in 0..<group.count {
                let value = column == 0 ? Float(first + group.first + row) : 0.1
                rows[row]!.update(repeating: value, count: description.width)
              }
            }
          }
        }
      }
    }
    try table.flush()
    try write.publish()
    store.close()
    try FileManager.default.moveItem(atPath: partial, toPath: path)
  }

  /// A copy to change, in the page cache.
  static func copy(_ from: String, to: String) throws {
    try? FileManager.default.removeItem(atPath: to)
    try Peer.run(["cp", "-r", "--sparse=always", from, to])
    try PageCache.fill(to)
  }

  /// Bytes of all files of a store.
  static func bytes(_ path: String) -> Int {
    guard let names = FileManager.default.enumerator(atPath: path) else { return 0 }
    var total = 0
    for case let name as String in names where name.hasSuffix("data.mdb") {
      var status = stat()
      if stat("\(path)/\(name)", &status) == 0 { total += Int(status.st_blocks) * 512 }
    }
    return total
  }
}
