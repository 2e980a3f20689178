import Foundation
import LoamSchema
import LoamStore
import Testing

/// What must hold of a store after whatever happened to it.
struct StoreCheck {
  let path: String
  /// Roots of every version that was ever said to be published.
  var roots: [UInt64: String] = [:]
  /// The highest of them.
  var acknowledged: UInt64 = 0

  mutating func add(_ outcome: WorkloadProgram.Outcome) {
    for (version, root) in outcome.acknowledged {
      roots[version] = root
      acknowledged = max(acknowledged, version)
    }
  }

  /// Everything in it is sound, and nothing acknowledged is lost or changed. Returns the latest version.
  @discardableResult
  func requireSound(_ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
    -> UInt64
  {
    let store: Store
    do { store = try Store.open(at: path, for: .read) } catch {
      Issue.record("\(what()): \(error)", sourceLocation: sourceLocation)
      throw error
    }
    defer { store.close() }
    #expect(try store.verify().problems == [], "\(what())", sourceLocation: sourceLocation)
    for record in try store.versions() {
      guard let root = roots[record.version] else { continue }
      #expect(record.root.description == root, "\(what()): version \(record.version)", sourceLocation: sourceLocation)
    }
    let latest = try store.snapshot().record.version
    #expect(latest >= acknowledged, "\(what()): version \(acknowledged) is lost", sourceLocation: sourceLocation)
    return latest
  }

  /// The store can be written: what was left is cleaned, and a version more is published.
  func requireWritable(_ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    let store = try Store.open(at: path, for: .write)
    defer { store.close() }
    let before = try store.snapshot().record.version
    let spec = TableSpec(TableName(.model, "ctr"))
    let write = try store.begin([spec])
    let blobs = try BlobWriter(write, spec)
    blobs.set("after", [1, 2, 3])
    try blobs.flush()
    let record = try write.publish()
    #expect(record.version > before, "\(what())", sourceLocation: sourceLocation)
    #expect(try store.verify().problems == [], "\(what())", sourceLocation: sourceLocation)
  }
}
