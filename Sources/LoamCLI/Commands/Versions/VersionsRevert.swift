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
    commandName: "collect", abstract: "Free the blocks that no kept version shows.")

  @OptionGroup var path: StoreArgument
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> BlocksCollected {
    BlocksCollected(blocks: try path.open(for: .write).collect())
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
  var isAnswer: Bool { false }

  var page: Page {
    Page(
      .title("\(Quantity.count(blocks, "block")) freed"),
      .line("The files keep their size; new blocks are written into the freed space."))
  }
}
