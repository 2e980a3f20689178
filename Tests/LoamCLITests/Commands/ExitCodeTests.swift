import Foundation
import LoamStore
import Testing

@Suite struct ExitCodeTests {
  private let schema = """
    schema: 1
    name: tiny
    format: csv
    labels: [click]
    ids: [{name: user, kind: integer}]
    """

  private func store() throws -> LoamProcess {
    let loam = try LoamProcess()
    try loam.write(schema, to: "schema.yaml")
    try loam.write("click,user\n1,5\n0,6\n1,5\n", to: "log.csv")
    #expect(try loam("init store --schema schema.yaml").code == 0)
    return loam
  }

  @Test func helpAndVersionEndWithZero() throws {
    let loam = try LoamProcess()
    #expect(try loam("--help").code == 0)
    #expect(try loam("help train").code == 0)
    let version = try loam("--version")
    #expect(version.code == 0)
    #expect(version.output.split(separator: ".").count == 3)
  }

  @Test(arguments: [
    ("ingets store file", "Did you mean 'loam ingest'?"), ("versions lst store", "Did you mean 'loam versions list'?"),
    ("generate ads --rows x --output d", "--rows"), ("counts store", "--ids"), ("stat store --jsn", "--jsn"),
  ])
  func argumentsThatMeanNothingEndWithTwo(arguments: String, hint: String) throws {
    let outcome = try LoamProcess()(arguments)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains(hint))
    #expect(outcome.output.isEmpty)
  }

  @Test func wrongSchemaEndsWithTwoAndNamesItsLine() throws {
    let loam = try LoamProcess()
    try loam.write(schema.replacing("labels", with: "lables"), to: "schema.yaml")
    let outcome = try loam("init store --schema schema.yaml")
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("schema.yaml:4:1"))
    #expect(outcome.errors.contains("Did you mean 'labels'?"))
    #expect(!FileManager.default.fileExists(atPath: loam.path("store")))
  }

  @Test func malformedRowEndsWithTwoAndStoresNothing() throws {
    let loam = try store()
    try loam.write("click,user\n1,5\n1,five\n", to: "bad.csv")
    let outcome = try loam("ingest store bad.csv")
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("bad.csv:3"))
    let versions = try loam("versions store --json").json()["versions"] as? [Any]
    #expect(versions?.count == 1)
  }

  @Test func unknownNamesEndWithTwoAndSuggestTheNearest() throws {
    let loam = try store()
    #expect(try loam("ingest store log.csv --log train").code == 0)
    for (arguments, hint) in [
      ("counts store --ids usr", "'user'"), ("log store --log trian", "'train'"),
      ("stat store --at 99", "versions list"), ("lookup store --table ctr/user --id 1", "none at all"),
    ] {
      let outcome = try loam(arguments)
      #expect(outcome.code == 2)
      #expect(outcome.errors.contains(hint), "\(arguments)")
    }
  }

  @Test func storeThatIsNotThereEndsWithTwo() throws {
    #expect(try LoamProcess()("stat nowhere").code == 2)
  }

  @Test func damagedBlockEndsWithThree() throws {
    let loam = try store()
    try loam("ingest store log.csv")
    #expect(try loam("verify store").code == 0)
    // The first byte of the content of every block: one that is no longer used may be among them.
    for shard in 0..<4 {
      let file = URL(filePath: loam.path("store/shard-00\(shard)/data.mdb"))
      var bytes = try Data(contentsOf: file)
      var start = bytes.startIndex
      while let magic = bytes.range(of: Data("LOAM".utf8), in: start..<bytes.endIndex) {
        if magic.lowerBound + 48 < bytes.endIndex { bytes[magic.lowerBound + 48] ^= 1 }
        start = magic.upperBound
      }
      try bytes.write(to: file)
    }
    #expect(try loam("verify store").code == 3)
  }

  @Test func tableThatSomebodyWritesEndsWithFour() throws {
    let loam = try store()
    let mine = try Store.open(at: loam.path("store"), for: .write)
    let write = try mine.begin([TableSpec(TableName(.log, "train"))])
    let outcome = try loam("ingest store log.csv --log train")
    #expect(outcome.code == 4)
    #expect(outcome.errors.contains("store.table-busy"))
    write.abandon()
    mine.close()
    #expect(try loam("ingest store log.csv --log train").code == 0)
  }

  @Test func errorsAreOneDocumentUnderJSON() throws {
    let outcome = try LoamProcess()("stat nowhere --json")
    let error = try #require(try outcome.json()["error"] as? [String: Any])
    #expect(error["exit_code"] as? Int == 2)
    #expect(error["category"] as? String == "refused")
    #expect(!outcome.errors.isEmpty)
  }
}
