import ArgumentParser
import LoamStore

struct VersionsTag: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Give a version a name that stays with it and keeps it.")

  @OptionGroup var path: StoreArgument
  @Argument(help: "A number, tag or alias, or 'latest'.")
  var version: String
  @Argument(help: "The tag.")
  var name: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> NamingDone {
    let store = try path.open(for: .write)
    try store.tag(VersionReference(version), as: name)
    return NamingDone(did: "tagged", name: name, version: try store.tags()[name])
  }
}

struct VersionsUntag: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "untag", abstract: "Remove a tag; its version goes when nothing else keeps it.")

  @OptionGroup var path: StoreArgument
  @Argument(help: "The tag.")
  var name: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> NamingDone {
    try path.open(for: .write).untag(name)
    return NamingDone(did: "untagged", name: name, version: nil)
  }
}

struct VersionsAlias: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "alias", abstract: "Point a name at a version, or move it to another one.",
    discussion: """
      An alias is what serving processes follow, so the version's patched blocks are then written whole, for lookups at \
      full speed. One that was served before needs nothing.
      """)

  @OptionGroup var path: StoreArgument
  @Argument(help: "A number, tag or alias, or 'latest'.")
  var version: String
  @Argument(help: "The alias.")
  var name: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> NamingDone {
    let store = try path.open(for: .write)
    try store.setAlias(name, to: VersionReference(version))
    // The name moves at once: readers may come while its version is being folded.
    try store.fold(.name(name))
    return NamingDone(did: "aliased", name: name, version: try store.aliases()[name])
  }
}

struct VersionsUnalias: LoamCommand {
  static let configuration = CommandConfiguration(commandName: "unalias", abstract: "Remove an alias.")

  @OptionGroup var path: StoreArgument
  @Argument(help: "The alias.")
  var name: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> NamingDone {
    try path.open(for: .write).removeAlias(name)
    return NamingDone(did: "unaliased", name: name, version: nil)
  }
}

struct NamingDone: Report {
  var did: String
  var name: String
  var version: UInt64?
  var isAnswer: Bool { false }

  var page: Page { Page(.title(version.map { "\(name) names version \($0)" } ?? "\(name) names nothing any more")) }
}
