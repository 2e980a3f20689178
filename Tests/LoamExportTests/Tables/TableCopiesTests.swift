import Foundation
import LoamSchema
import Testing

@testable import LoamExport

struct TableCopiesTests {
  private static func text(_ trained: TrainedStore, _ name: String) -> String {
    String(decoding: trained.scratch.bytes(of: "export/\(name)"), as: UTF8.self)
  }

  @Test func `CSV and JSON lines hold the bits of each row, quoted where a string asks for it`() throws {
    let trained = try TrainedStore()
    let manifest = try trained.export(to: "export", .init(formats: [.safetensors, .csv, .jsonl]))
    let path = trained.scratch.path("export/table.item.safetensors")
    let rows = try ExporterTests.elements(path, "rows", of: Float.self)
    let lines = Self.text(trained, "table.item.csv").split(separator: "\n").map(String.init)
    #expect(lines[0] == "id,string,v0,v1,v2,weight")
    #expect(lines.count == manifest.tables[0].rows + 1 && lines.last!.hasPrefix(":missing,,"))
    for (row, line) in lines.dropFirst().enumerated() {
      let numbers = line.split(separator: ",", omittingEmptySubsequences: false).suffix(4).dropLast().map { Float($0) }
      #expect(numbers == (0..<3).map { rows[row * 3 + $0] })
    }
    struct Line: Decodable { var id: String, string: String, vector: [Float], weight: Float }
    for (row, line) in Self.text(trained, "table.item.jsonl").split(separator: "\n").enumerated() {
      let found = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      #expect(found.vector == (0..<3).map { rows[row * 3 + $0] })
      #expect(found.string.isEmpty || "\(TrainedStore.id(found.string))" == found.id)
    }
    #expect(Self.text(trained, "table.slot.csv").hasPrefix("id,weight\n1,1\n2,2\n3,3\n9223372036854775808,"))
    #expect(try ExportVerifier.verify(trained.scratch.path("export")).isSound)
  }

  @Test func `an array's header ends at a multiple of 64 bytes and names its shape`() {
    for shape in [[3], [3, 4], [1_000_000, 128]] {
      let header = NumPyTable.header("<f4", shape)
      #expect(header.count % 64 == 0 && header.last == 10)
      #expect(Array(header[6...7]) == [2, 0])
      #expect((8..<12).reduce(0) { $0 + Int(header[$1]) << (8 * ($1 - 8)) } == header.count - 12)
    }
  }

  /// Read by pyarrow and polars in tools/check-foreign-readers; here its frame alone.
  @Test func `an Arrow file begins and ends with its magic, and every message stands at a multiple of 8 bytes`() throws
  {
    let trained = try TrainedStore()
    try trained.export(to: "export", .init(formats: [.arrow, .numpy]))
    let bytes = trained.scratch.bytes(of: "export/table.item.arrow")
    let magic = Array("ARROW1".utf8)
    #expect(Array(bytes.prefix(8)) == magic + [0, 0] && Array(bytes.suffix(6)) == magic)
    let word = { (place: Int) in bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) } }
    #expect(word(8) == 0xFFFF_FFFF && word(12) % 8 == 0)
    #expect(word(16 + word(12)) == 0xFFFF_FFFF)
    let footer = word(bytes.count - 10)
    #expect(footer > 0 && word(bytes.count - 10 - footer) < footer)
    let ids = trained.scratch.bytes(of: "export/table.item.ids.npy")
    #expect(ids.count == 128 + 8 * (TrainedStore.items.count + 2))
  }
}
