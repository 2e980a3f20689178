import Foundation
import Testing

/// Files that cannot be read as what the schema says: refused before anything is written.
@Suite struct BadInputFileTests {
  static func file(
    _ name: String, _ bytes: [UInt8], _ code: String, status: Int32 = 2, says: String...
  ) -> BadInputCase {
    var wrong = BadInputCase(
      name, files: ["bad.csv": bytes], ["ingest", "$/s.loam", "$/bad.csv", "--log", "more"], status: status, code)
    wrong.says = says
    return wrong
  }
  static func text(_ name: String, _ text: String, _ code: String, says: String...) -> BadInputCase {
    var wrong = file(name, [UInt8](text.utf8), code)
    wrong.says = says
    return wrong
  }
  static func overwritten(_ bytes: [UInt8], at place: Int) -> [UInt8] {
    var bytes = bytes
    for index in place..<place + 8 { bytes[index] = ~bytes[index] }
    return bytes
  }

  static let row = "1700000000,1,2.5,7,a\n"

  @Test(arguments: [
    file(
      "truncated gzip", Array(gzip.prefix(200)), "ingest.damaged-input", says: "$/bad.csv: byte 200:", "truncated",
      "`gzip -t`"),
    file("damaged gzip", overwritten(gzip, at: 100), "ingest.damaged-input", says: "$/bad.csv: byte", "`gzip -t`"),
    file("bytes behind gzip", gzip + [1, 2, 3], "ingest.damaged-input", says: "$/bad.csv: byte 318:", "Copy the file"),
    file(
      "truncated zstd", Array(zstandard.prefix(200)), "ingest.damaged-input", says: "$/bad.csv: byte 200:", "truncated",
      "`zstd -t`"),
    file("damaged zstd", overwritten(zstandard, at: 100), "ingest.damaged-input", says: "$/bad.csv: byte", "`zstd -t`"),
    text(
      "a file with another delimiter", "time;click;price;user;item\n1;1;2.5;7;a\n", "ingest.unknown-column",
      says: "$/bad.csv:1:1:", "Its delimiter seems to be \";\": declare `format: {kind: csv, delimiter: \";\"}`"),
    text(
      "an unknown column", "time,click,prise,user,item\n" + row, "ingest.unknown-column", says: "$/bad.csv:1:1:",
      "\"price\" is not among", "Did you mean \"prise\"?"),
    text(
      "a missing column", "time,click,price,user\n1,1,1,1\n", "ingest.unknown-column", says: "\"item\" is not among",
      "The file has: time, click, price, user."),
    text("no header", row + row, "ingest.unknown-column", says: "$/bad.csv:1:1:", "Declare `columns`"),
    text(
      "a column twice", "time,click,price,user,item,price\n", "ingest.duplicate-column",
      says: "$/bad.csv:1:1: columns 3 and 6 are both called \"price\""),
    text("an empty file", "", "ingest.missing-header", says: "$/bad.csv:1:1: the file is empty", "header: false"),
    text(
      "a record without end", BadInputPlace.header + "1,1,1,7,\"" + String(repeating: "a", count: 16 << 20),
      "ingest.record-too-long", says: "$/bad.csv:2:1: a record of more than 16 MiB", "never closed"),
    BadInputCase(
      "no such file", ["ingest", "$/s.loam", "$/none.csv"], "ingest.unreadable",
      says: "$/none.csv: No such file", "Is the path right"),
    BadInputCase(
      "a directory for a file", ["ingest", "$/s.loam", "$/s.loam"], "ingest.unreadable",
      says: "$/s.loam: Is a directory", "Is the path right"),
    BadInputCase(
      "rows for a prediction", files: ["bad.csv": [UInt8]((BadInputPlace.header + "1,1,two,7,b\n").utf8)],
      ["predict", "$/s.loam", "--input", "$/bad.csv", "--output", "$/scores.csv"], "ingest.bad-rows",
      says: "$/bad.csv:2:5: column \"price\""),
  ])
  func `a file that is not what the schema says is refused whole:`(wrong: BadInputCase) throws { try wrong.check() }

  @Test func aFileThatChangedSinceItWasReadInPartIsRefused() throws {
    let place = try BadInputPlace()
    let rows = BadInputPlace.header + BadInputPlace.rows(20)
    try place.folder.write(rows + "bad\n", to: "part.csv")
    let ingest = ["ingest", "$/s.loam", "$/part.csv", "--log", "more", "--batch-rows", "10"]
    #expect(try place.run(ingest).status == 2)
    let before = try place.state()
    #expect(before.problems == [])
    try place.folder.write(rows.replacing("item1", with: "item2"), to: "part.csv")
    let outcome = try place.run(ingest)
    #expect(outcome.status == 2 && outcome.errors.contains("[ingest.changed-input]"), "\(outcome.errors)")
    #expect(outcome.errors.contains(place.filled("$/part.csv: its first 20 records")), "\(outcome.errors)")
    #expect(outcome.errors.contains("another log with --log"), "\(outcome.errors)")
    #expect(try place.state() == before)
    // The file as it was, with the bad row corrected: it goes on.
    try place.folder.write(rows + Self.row, to: "part.csv")
    try place.prepare("ingest", "$/s.loam", "$/part.csv", "--log", "more")
    #expect(try place.state().version == before.version + 1)
  }

  /// 30 rows with their header, compressed; a checksum at the end.
  static let gzip = [UInt8](
    Data(
      base64Encoded: """
        H4sIAAAAAAACA02SQW7EMAhF9z1LVAUwYM4zyiJqR6qm0/sXDBJOpCzygu3/ft738zoe3/fj6/h53Y/r+Pu9Xsf9vp4foGddh9+f7M94fzaA\
        w28HBrYQNEL/Gh1NmguNRuRT5EhZF7JGw6eGI1HJBaUZ+xg7Y+PFkJuJz0kwGIvRNqc+F6cfRHmSbb/pcxGAGBeT7Zjmc5EAFRabnQ7CSEQASyfU\
        KJxEBDjTCfaSEFIiApYTbRRSIoGNlKLYbJT/KWllQ1wN6EwptB1SqgI9U4psc1odCKYUa5kwqwQeKYW2dFYlDEkp2n8DnlUCzZQCvR9ClYCWVrjX\
        RKwSEFKLdXlIVQJQahltE0eVwGnFOjpylWCaWsa2nVQJ01KLbUtqtTAhtfAWb1YLSqllNrJqQTitCH/8A25IpztYAwAA
        """)!)
  static let zstandard = [UInt8](
    Data(
      base64Encoded: """
        KLUv/QRY5QgAdlAoFqAlaQO/HY/9sxYAzInszZW7Ef9rqxUnAB4AHwAuFRL2Yyodp7MfrmuRfkilch4QCIKiBWKgoMRQFAQKMBQBQwlCQRBG37hp\
        c5JiEZV7RmWr1D7P9+N1b7azflSllffrBzVIMnK2ShNNHU1jZyVndLwblueu0qUb6bgmxa5NkpZKg5tviXT9kJEb+2FTmWhD9ctPvqbqyDSW6Jmh\
        Z45nLAFUqDFEFR0tKLl3MMORqQMQEGwumAdUogBZi+sckoIRNBJVDMRUf9qMT1CA5p+RwRqmZByOmHwoBvRQClulhjtQe1qYR7wpIzcoCFn8VwkuJq\
        j2VNTPiBsufTGWys7E8GYNdQ52eeejP7iE8SNTX5XW/bG3rXzhrQIicgDB
        """)!)
}
