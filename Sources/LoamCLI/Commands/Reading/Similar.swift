import ArgumentParser
import LoamQuery
import LoamSchema
import LoamStore

struct Similar: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "The IDs whose vectors point most nearly where that of an ID does.",
    discussion: "Compares with every row: exact, by cosine.")

  @OptionGroup var place: SnapshotArguments
  @Option(help: "MODEL/SPACE.")
  var table: String
  @Option(help: "The ID whose neighbours are wanted.")
  var id: String
  @Option(name: [.customShort("k"), .customLong("count")], help: "How many neighbours.")
  var count = 10
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...10_000).contains(count) else { throw ValidationError("--count must be 1 to 10,000, found \(count)") }
  }

  func answer(_ console: Console) throws -> SimilarIDs {
    let snapshot = try place.snapshot()
    let parts = table.split(separator: "/").map(String.init)
    guard parts.count == 2, let reader = try EmbeddingReader(snapshot, model: parts[0], space: parts[1]) else {
      throw snapshot.unknown(.embedding, table, "table")
    }
    let names = try IDNames(snapshot, space: parts[1])
    guard let found = try reader.nearest(to: try names.id(id), count: count) else {
      let near = try names.suggestion(for: id)
      throw CommandError(
        .unknownID, "the model never admitted \(id): it has no row in \(table)",
        hint: near.map { "Did you mean '\($0)'?" } ?? "See the frequent ones with: loam counts STORE --ids \(parts[1])")
    }
    return SimilarIDs(
      table: table, version: snapshot.record.version, id: id, compared: reader.rowCount,
      neighbours: try found.map { .init(id: try names.text($0.id), number: $0.id, cosine: $0.cosine) })
  }
}

struct SimilarIDs: Report {
  struct Neighbour: Encodable {
    var id: String
    var number: UInt64
    var cosine: Float
  }
  var table: String
  var version: UInt64
  var id: String
  /// Rows that the ID was compared with.
  var compared: Int
  var neighbours: [Neighbour]

  var page: Page {
    var page = Page(.title("Nearest to \(id) of \(Quantity.count(compared, "row")) in \(table), version \(version)"))
    var table = Table(.number(""), .text("ID"), .number("cosine"))
    for (rank, neighbour) in neighbours.enumerated() {
      table.add("\(rank + 1)", neighbour.id, Quantity.fixed(Double(neighbour.cosine), 4))
    }
    page.add(.table(table))
    return page
  }
}
