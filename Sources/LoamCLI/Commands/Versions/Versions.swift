import ArgumentParser

struct Versions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, compare, name, revert and remove versions.",
    discussion: """
      Every ingest and every checkpoint of a training publishes a version. The last ones are kept ('loam versions \
      keep' says how many, and for how long), and all that have a tag (which stays) or an alias (which moves).
      """,
    subcommands: [
      VersionsList.self, VersionsShow.self, VersionsDiff.self, VersionsTag.self, VersionsUntag.self, VersionsAlias.self,
      VersionsUnalias.self, VersionsRevert.self, VersionsDropNewer.self, VersionsKeep.self,
      VersionsCollect.self,
    ], defaultSubcommand: VersionsList.self)
}
