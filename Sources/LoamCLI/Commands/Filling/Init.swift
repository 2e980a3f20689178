import ArgumentParser
import LoamSchema
import LoamStore

struct Init: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an empty store for logs of one schema.",
    discussion: "A first schema comes from 'loam schema infer FILE'; ready ones are in schemas/.")

  @OptionGroup var path: StoreArgument
  @Option(help: "The YAML file that says what the log's columns mean.", completion: .file(extensions: ["yaml", "yml"]))
  var schema: String
  @Option(help: "Parts that are written in parallel, 1 to 256. Fixed for the store's life.")
  var shards = 4
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> StoreMade {
    let text = try textFile(schema)
    // Refused before anything is made on disk.
    let parsed = try Schema.parse(yaml: text, file: schema)
    let store = try Store.create(at: path.store, options: StoreOptions(shards: shards, schema: text))
    return StoreMade(
      store: path.store, storeID: store.identity.storeID, shards: store.shardCount, schema: SchemaReport(parsed))
  }
}

struct StoreMade: Report {
  var store: String
  var storeID: String
  var shards: Int
  var schema: SchemaReport
  var isAnswer: Bool { false }

  var page: Page {
    var page = Page(.title("An empty store at \(store)"))
    page.facts(
      ("schema", schema.name), ("shards", "\(shards)"), ("labels", schema.labels.joined(separator: ", ")),
      ("ID fields", schema.ids.joined(separator: ", ")), ("dense fields", schema.dense.joined(separator: ", ")))
    page.add(.hint("loam ingest \(store) FILE... --log train"))
    return page
  }
}
