import ArgumentParser

struct Versions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, compare, name, revert and remove versions.",
    discussion: """
      Every ingest and every checkpoint of a training publishes a version. The last ones are kept, and all that have \
      a tag (which stays) or an alias (which moves).
      """,
    subcommands: [
      VersionsList.self, VersionsShow.self, VersionsDiff.self, VersionsTag.self, VersionsUntag.self, VersionsAlias.self,
      VersionsUnalias.self, VersionsRevert.self, VersionsDropNewer.self, VersionsCollect.self,
    ], defaultSubcommand: VersionsList.self)
}
