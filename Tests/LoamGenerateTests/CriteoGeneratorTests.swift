import Foundation
import Testing

@testable import LoamGenerate

@Suite struct CriteoGeneratorTests {
  private func lines(rows: Int, seed: UInt64) throws -> [[Substring]] {
    let path = FileManager.default.temporaryDirectory.appending(path: "loam-criteo-\(UUID()).tsv").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try CriteoGenerator(rows: rows, seed: seed).write(toFile: path)
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
  }

  @Test func rowsHaveALabelThirteenCountsAndTwentySixCategories() throws {
    for line in try lines(rows: 500, seed: 1) {
      #expect(line.count == 40)
      #expect(line[0] == "0" || line[0] == "1")
      #expect(line[1...13].allSatisfy { $0.isEmpty || Int($0) != nil })
      #expect(line[14...].allSatisfy { $0.isEmpty || ($0.count == 8 && UInt32($0, radix: 16) != nil) })
    }
  }

  @Test func aTwentiethOfTheCategoriesIsMissing() throws {
    let fields = try lines(rows: 2_000, seed: 2).flatMap { $0[14...] }
    let share = Double(fields.count { $0.isEmpty }) / Double(fields.count)
    #expect((0.045...0.055).contains(share))
  }

  @Test func smallFieldsUseTheirWholeRangeAndNoMore() throws {
    let rows = try lines(rows: 5_000, seed: 3)
    let distinct = Set(rows.map { $0[14 + 8] }).subtracting([""])
    #expect(distinct.count == CriteoGenerator.cardinalities[8])
  }

  @Test func sameSeedGivesTheSameRows() throws {
    #expect(try lines(rows: 50, seed: 4) == lines(rows: 50, seed: 4))
    #expect(try lines(rows: 50, seed: 4) != lines(rows: 50, seed: 5))
  }
}
