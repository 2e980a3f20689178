import ArgumentParser
import LoamStore

struct ReshardCommand: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "reshard", abstract: "Write a store's content into a new one with another number of shards.",
    discussion: "The roots stay the same. The new store appears whole or not at all; the old one is only read.")

  @OptionGroup var place: SnapshotArguments
  @Option(help: "Parts of the new store, 1 to 256.")
  var shards: Int
  @Option(name: [.customShort("o"), .customLong("output")], help: "The new store.", completion: .directory)
  var directory: String
  @Flag(help: "Also every tagged version before it, under its tags.")
  var tags = false
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> Resharded {
    let store = try place.path.open(for: .read)
    let copied = try Reshard.copy(
      store, at: VersionReference(place.at), withTags: tags, to: directory, options: StoreOptions(shards: shards))
    return Resharded(from: place.path.store, store: directory, shards: shards, versions: copied)
  }
}

struct Resharded: Report {
  struct Version: Encodable {
    /// In the store that was read.
    var from: UInt64
    var version: UInt64
    var root: String
    var tags: [String]
  }
  var from: String
  var store: String
  var shards: Int
  var versions: [Version]
  var isAnswer: Bool { false }

  init(from: String, store: String, shards: Int, versions: [Reshard.Copied]) {
    (self.from, self.store, self.shards) = (from, store, shards)
    self.versions = versions.map {
      Version(from: $0.from, version: $0.to, root: $0.root.description, tags: $0.tags)
    }
  }

  var page: Page {
    let (count, parts) = (Quantity.count(versions.count, "version"), Quantity.count(shards, "shard"))
    var page = Page(.title("\(store) holds \(count) of \(from) in \(parts)"))
    var table = Table(.number("was"), .number("version"), .text("root"), .text("tags"))
    for version in versions {
      table.add("\(version.from)", "\(version.version)", version.root, version.tags.joined(separator: ", "))
    }
    page.add(.table(table))
    page.add(.hint("loam verify \(store)"))
    return page
  }
}
