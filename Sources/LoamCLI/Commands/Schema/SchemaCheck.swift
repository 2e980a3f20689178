import ArgumentParser
import LoamSchema

struct SchemaCheck: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read a schema file and say what it declares, or where it is wrong.")

  @Argument(help: "The YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> SchemaReport {
    SchemaReport(try Schema.parse(yaml: try textFile(file), file: file))
  }
}

struct SchemaShow: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print the schema that a version is read by.")

  @OptionGroup var place: SnapshotArguments
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> SchemaText {
    guard let text = try place.snapshot().schemaText() else {
      throw CommandError(.noSchema, "version \(place.at) of \(place.path.store) has no schema")
    }
    return SchemaText(yaml: text)
  }
}

/// A schema as it is written: what people get is the file itself.
struct SchemaText: Report {
  var yaml: String
  var page: Page { Page(.text(yaml)) }
}
