import ArgumentParser
import LoamStore

struct VersionsRevert: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert", abstract: "Publish a new version with the content of an older one; history stays.")

  @OptionGroup var path: StoreArgument
  @Argument(help: "The version to go back to: a number, tag or alias.")
  var version: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> LatestMoved {
    let record = try path.open(for: .write).revert(to: VersionReference(version))
    return LatestMoved(did: "reverted", latest: record.version, note: record.note)
  }
}

struct VersionsDropNewer: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop-newer", abstract: "Make an older version the latest and remove the newer ones for good.")

  @OptionGroup var path: StoreArgument
  @Argument(help: "The version that becomes the latest: a number, tag or alias.")
  var version: String
  @Flag(help: "Do not ask.")
  var yes = false
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> LatestMoved {
    let store = try path.open(for: .write)
    if !yes {
      let target = try store.snapshot(at: VersionReference(version)).record.version
      let newer = try store.versions().map(\.version).filter { $0 > target }
      throw CommandError(
        .notConfirmed, "this removes \(Quantity.count(newer.count, "version")) newer than \(target) for good",
        hint: "Repeat with --yes to do it; 'loam versions revert' goes back without removing anything.")
    }
    let record = try store.dropNewer(than: VersionReference(version))
    return LatestMoved(did: "dropped_newer", latest: record.version, note: record.note)
  }
}

struct VersionsCollect: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect", abstract: "Fold what is patched, and free the blocks that no kept version shows.",
    discussion: """
      Small commits write changed rows beside the blocks that they belong to. Folding writes the blocks of the latest \
      version whole again, so that lookups find each row at once.
      """)

  @OptionGroup var path: StoreArgument
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> BlocksCollected {
    let store = try path.open(for: .write)
    let folded = try store.fold()
    return BlocksCollected(blocks: try store.collect(), folded: folded.blocks)
  }
}

struct LatestMoved: Report {
  var did: String
  var latest: UInt64
  var note: String
  var isAnswer: Bool { false }

  var page: Page { Page(.title("The latest version is \(latest) now"), .line(note)) }
}

struct BlocksCollected: Report {
  var blocks: Int
  /// Written whole.
  var folded: Int
  var isAnswer: Bool { false }

  var page: Page {
    Page(
      .title("\(Quantity.count(blocks, "block")) freed, \(folded) folded"),
      .line("The files keep their size; new blocks are written into the freed space."))
  }
}
