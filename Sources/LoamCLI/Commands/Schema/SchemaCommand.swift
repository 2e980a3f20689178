import ArgumentParser

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Make, check and show what a log's columns mean.",
    subcommands: [SchemaInfer.self, SchemaCheck.self, SchemaShow.self, SchemaSet.self])
}
