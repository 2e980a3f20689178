import ArgumentParser
import Foundation
import LoamStore

struct Apply: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publish what a delta leads to as a new version of a store that holds what it begins with.",
    discussion: """
      The store may have another number of shards. A delta that begins elsewhere, or is damaged, is refused, and \
      nothing is published.
      """)

  @OptionGroup var path: StoreArgument
  @Option(help: "The directory that 'loam export --format delta' made.", completion: .directory)
  var delta: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> DeltaApplied {
    guard FileManager.default.fileExists(atPath: delta) else {
      throw CommandError(.unknownFile, "there is no delta at \(delta)", hint: "Is the path right?")
    }
    let manifest = try Delta.manifest(of: delta)
    let record = try Delta.apply(delta, to: try path.open(for: .write))
    return DeltaApplied(
      store: path.store, delta: delta, from: manifest.base.version, to: manifest.target.version,
      version: record.version, root: record.root.description)
  }
}

struct DeltaApplied: Report {
  var store: String
  var delta: String
  /// Versions of the store that the delta was made from.
  var from: UInt64
  var to: UInt64
  /// The new version of this store.
  var version: UInt64
  var root: String
  var isAnswer: Bool { false }

  var page: Page {
    var page = Page(.title("Version \(version) of \(store) is what version \(to) was where the delta was made"))
    page.facts(("delta", "\(from) to \(to), \(delta)"), ("root", root))
    page.add(.hint("loam verify \(store) --at \(version)"))
    return page
  }
}
