import ArgumentParser
import Foundation
import LoamQuery
import LoamSchema
import LoamStore

struct Similar: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "The IDs whose vectors are nearest to that of an ID.",
    discussion: "Compares with every row: exact.")

  @OptionGroup var place: SnapshotArguments
  @Option(help: "MODEL/SPACE.")
  var table: String
  @Option(help: "The ID whose neighbours are wanted.")
  var id: String
  @Option(name: [.customShort("k"), .customLong("count")], help: "How many neighbours.")
  var count = 10
  @Option(help: "cosine, dot (product) or l2 (distance).")
  var by = Similarity.cosine
  @Option(help: ArgumentHelp("Only IDs that occur at least N times in the logs.", valueName: "N"))
  var countMin: UInt64?
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
    let frequent = try countMin.map { try SpaceCounts(snapshot, space: parts[1], log: nil).ids(atLeast: $0) }
    let threads = ProcessInfo.processInfo.activeProcessorCount
    guard
      let found = try reader.nearest(
        to: try names.id(id), count: count, by: by, threads: threads, where: { frequent?.contains($0) ?? true })
    else {
      let near = try names.suggestion(for: id)
      throw CommandError(
        .unknownID, "the model never admitted \(id): it has no row in \(table)",
        hint: near.map { "Did you mean '\($0)'?" } ?? "See the frequent ones with: loam counts STORE --ids \(parts[1])")
    }
    return SimilarIDs(
      table: table, version: snapshot.record.version, id: id, by: by, compared: reader.rowCount,
      neighbours: try found.map { .init(id: try names.text($0.id), number: $0.id, value: $0.value) })
  }
}

struct SimilarIDs: Report {
  struct Neighbour: Encodable {
    var id: String
    var number: UInt64
    var value: Float
  }
  var table: String
  var version: UInt64
  var id: String
  var by: Similarity
  /// Rows of the table.
  var compared: Int
  var neighbours: [Neighbour]

  var page: Page {
    var page = Page(.title("Nearest to \(id) of \(Quantity.count(compared, "row")) in \(table), version \(version)"))
    var table = Table(.number(""), .text("ID"), .number(by == .l2 ? "distance" : by.rawValue))
    for (rank, neighbour) in neighbours.enumerated() {
      table.add("\(rank + 1)", neighbour.id, Quantity.fixed(Double(neighbour.value), 4))
    }
    page.add(.table(table))
    return page
  }
}

extension Similarity: ExpressibleByArgument {}
