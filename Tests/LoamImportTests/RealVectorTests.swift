import Foundation
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamImport

/// Pre-trained vectors that others published.
@Suite struct RealVectorTests {
  private static let data =
    ProcessInfo.processInfo.environment["LOAM_DATA"]
    ?? URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().appendingPathComponent("../../../../shared/data")
    .standardizedFileURL.path

  @Test(.enabled(if: FileManager.default.fileExists(atPath: data + "/emoji2vec"), "needs ../shared/data"))
  func `emoji2vec is a frozen table keyed by its emoji`() throws {
    let importing = try ImportStore()
    let report = try importing.take(Self.data + "/emoji2vec/emoji2vec.bin.gz", ImportOptions(table: "emoji2vec/word"))
    #expect(report.rows == 1_661 && report.dimension == 300 && report.format == .word2vec)
    let reader = try #require(try importing.reader("emoji2vec/word"))
    var norms: [Float] = []
    try reader.table.forEachRow { _, id in
      norms.append(try reader.vector(of: id)!.reduce(0) { $0 + $1 * $1 })
    }
    // What its SOURCE.md says.
    #expect(norms.count == 1_661 && norms.allSatisfy { abs($0 - 1) < 1e-4 })
    let near = try #require(try reader.nearest(to: RowHash.salt("🐶"), count: 3))
    let names = try IDTableReader(importing.store.snapshot(), TableName(.ids, "word"))!
    #expect(try near.map { try names.string(of: names.find($0.id)) }.contains("🐕"))
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: data + "/s3rec_beauty"), "needs ../shared/data"),
    arguments: [
      ("s3rec_beauty/item_embeddings_12103x64", 12_103, 64), ("s3rec_beauty/attribute_embeddings_638x64", 638, 64),
      ("s3rec_lastfm/item_embeddings_3648x64", 3_648, 64),
      ("amazon_instruments/item_embedding_sasrec_9922x32", 9_922, 32),
    ])
  func `tables of items are frozen tables by row number`(name: String, rows: Int, dimension: Int) throws {
    let importing = try ImportStore()
    let report = try importing.take(
      "\(Self.data)/\(name).npy.gz", ImportOptions(table: "s3rec/user", ids: .rowNumbers, missing: "0"))
    #expect(report.rows == rows && report.dimension == dimension && report.format == .npy)
    let reader = try #require(try importing.reader("s3rec/user"))
    #expect(try reader.vector(of: ID(rows - 1))?.count == dimension)
    #expect(try reader.vector(of: ID(rows)) == nil)
    #expect(try reader.vector(of: .missing) != nil)
  }
}
