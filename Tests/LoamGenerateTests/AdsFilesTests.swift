import Foundation
import Testing

@testable import LoamGenerate

@Suite struct AdsFilesTests {
  private func inDirectory(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "loam-ads-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func sameRowsAndSeedGiveTheSameBytes() throws {
    try inDirectory { first in
      try inDirectory { second in
        try AdsGenerator(rows: 3_000, seed: 7).write(to: first)
        try AdsGenerator(rows: 3_000, seed: 7).write(to: second)
        for file in ["train.csv", "valid.csv", "schema.yaml", "oracle.json"] {
          let bytes = try Data(contentsOf: URL(filePath: "\(first)/\(file)"))
          #expect(!bytes.isEmpty)
          #expect(try bytes == Data(contentsOf: URL(filePath: "\(second)/\(file)")))
        }
      }
    }
  }

  @Test func validFileHoldsTheLastFifthOfTheRows() throws {
    try inDirectory { directory in
      try AdsGenerator(rows: 1_000, seed: 1).write(to: directory)
      let parts = try ["train", "valid"].map { part in
        try String(contentsOfFile: "\(directory)/\(part).csv", encoding: .utf8).split(separator: "\n")
      }
      #expect(parts.map(\.count) == [801, 201])
      #expect(parts.allSatisfy { $0[0] == AdsLine.columns[...] })
      #expect(parts.joined().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 15 })
      let last = try #require(Int(parts[0].last!.prefix(13)))
      let first = try #require(Int(parts[1][1].prefix(13)))
      #expect(last <= first)
    }
  }

  @Test func progressEndsAtTheNumberOfRows() throws {
    try inDirectory { directory in
      var last = 0
      try AdsGenerator(rows: 30_000, seed: 1).write(to: directory) { last = $0 }
      #expect(last == 30_000)
    }
  }

  @Test func directoryThatCannotBeMadeIsAnError() throws {
    #expect(throws: GenerateError.self) { try AdsGenerator(rows: 100, seed: 1).write(to: "/dev/null/ads") }
  }
}
