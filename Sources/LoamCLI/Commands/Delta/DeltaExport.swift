import ArgumentParser
import Foundation
import LoamStore

/// `loam export --format delta`.
struct DeltaExport {
  var since: String?
  var previous: String?
  var directory: String

  func answer(_ snapshot: Snapshot) throws -> DeltaExported {
    if let previous, !FileManager.default.fileExists(atPath: previous) {
      throw CommandError(.unknownFile, "there is no delta at \(previous)", hint: "Is the path of --previous right?")
    }
    let chain = try previous.map { try Delta.manifest(of: $0) }
    guard let base = since.map({ VersionReference($0) }) ?? chain.map({ .number($0.target.version) }) else {
      preconditionFailure("the arguments were validated")
    }
    let older = try snapshot.store.snapshot(at: base)
    let manifest = try Delta.export(from: older, to: snapshot, previous: previous, into: directory)
    return DeltaExported(directory: directory, manifest)
  }
}

struct DeltaExported: Report {
  struct File: Encodable {
    var name: String
    var table: String
    var inserted: UInt64
    var changed: UInt64
    var removed: UInt64
    var bytes: Int
    var sha256: String
  }
  var directory: String
  var from: UInt64
  var to: UInt64
  var root: String
  /// SHA-256 of the manifest of the delta before this one.
  var previous: String?
  var files: [File]
  var isAnswer: Bool { false }

  init(directory: String, _ manifest: DeltaManifest) {
    self.directory = directory
    (from, to) = (manifest.base.version, manifest.target.version)
    root = manifest.target.root.description
    previous = manifest.previous
    files = manifest.tables.map { table in
      File(
        name: table.file, table: table.spec.name.description, inserted: table.inserted, changed: table.changed,
        removed: table.removed, bytes: table.bytes, sha256: table.sha256)
    }
  }

  var page: Page {
    var page = Page(.title("From version \(from) to \(to), in \(directory)"))
    var table = Table(
      .text("file"), .text("table"), .number("inserted"), .number("changed"), .number("removed"), .number("size"))
    for file in files {
      table.add(
        file.name, file.table, Quantity.count(file.inserted), Quantity.count(file.changed),
        Quantity.count(file.removed), Quantity.bytes(file.bytes))
    }
    page.add(.table(table))
    page.add(.hint("loam apply STORE --delta \(directory)"))
    return page
  }
}

/// What `loam export` answers, by format.
enum ExportAnswer: Report {
  case model(Exported)
  case delta(DeltaExported)

  private var report: any Report {
    switch self {
    case .model(let report): report
    case .delta(let report): report
    }
  }
  var page: Page { report.page }
  var isAnswer: Bool { report.isAnswer }
  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }
}
