import ArgumentParser
import LoamSchema
import LoamStore

struct SchemaSet: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Give a store another schema, as a new version.",
    discussion: """
      Fields may be added, left out or transformed otherwise; rows that are stored already read as missing in a field \
      that came later. What stored rows would be misread by is refused.
      """)

  @OptionGroup var path: StoreArgument
  @Argument(help: "The YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> LatestMoved {
    let text = try textFile(file)
    let schema = try Schema.parse(yaml: text, file: file)
    let store = try path.open(for: .write)
    if let old = try store.schemaText() {
      let old = try Schema.parse(yaml: old, file: "schema of \(path.store)")
      if let conflict = schema.conflict(replacing: old) {
        throw CommandError(
          .schemaConflict, "\(file): \(conflict)",
          hint: "Give the field another name, or make a new store for logs of another shape.")
      }
    }
    let record = try store.setSchemaText(text)
    return LatestMoved(did: "schema_set", latest: record.version, note: "rows are read by \(file) from now on")
  }
}
