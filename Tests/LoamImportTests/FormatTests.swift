import Foundation
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamImport

@Suite struct FormatTests {
  private static let words = ["tea pot", "Käse", "🫖"]
  private static let vectors: [[Float]] = [[1, -2.5, 0.1], [3e-9, 4, 1e30], [0, 0, 0]]

  /// A file, the options that it needs, and whether its IDs are words or the numbers 5, 6, 7.
  private static func files() -> [(name: String, bytes: [UInt8], options: ImportOptions)] {
    let content = vectors.flatMap { Foreign.bytes($0) }
    let array = Foreign.npy("<f4", "(3, 3)", content)
    let numbers = Foreign.npy("<i4", "(3,)", Foreign.bytes([5, 6, 7] as [Int32]))
    let lines = zip(words, vectors).map { word, vector in (word, vector.map { "\($0)" }) }
    let user = ImportOptions(table: "frozen/user")
    let word = ImportOptions(table: "frozen/word")
    var glove = word
    glove.format = .glove
    let header = """
      {"rows":{"dtype":"F32","shape":[3,3],"data_offsets":[0,36]},"ids":{"dtype":"I64","shape":[3],"data_offsets":[36,60]}}
      """
    return [
      ("a.npz", Zip([.init(name: "ids.npy", content: numbers), .init(name: "v.npy", content: array)]).file, user),
      (
        "b.npz",
        Zip([
          .init(name: "v.npy", content: array, isDeflated: true),
          .init(name: "ids.npy", content: numbers, isDeflated: true),
        ]).file, user
      ),
      ("a.safetensors", Foreign.safetensors(header, content + Foreign.bytes([5, 6, 7] as [Int64])), user),
      ("a.bin", Foreign.word2vec(Array(zip(words.map { $0.replacing(" ", with: "_") }, vectors))), word),
      (
        "b.bin.gz",
        Foreign.gzip(Foreign.word2vec(Array(zip(words.map { $0.replacing(" ", with: "_") }, vectors)), feeds: false)),
        word
      ),
      ("a.vec", Array(("3 3\n" + lines.map { "\($0) \($1.joined(separator: " ")) \n" }.joined()).utf8), word),
      ("glove.txt", Array(lines.reversed().map { "\($0) \($1.joined(separator: " "))\n" }.joined().utf8), word),
      (
        "b.txt.gz",
        Foreign.gzip(Array(lines.reversed().map { "\($0) \($1.joined(separator: " "))\r\n" }.joined().utf8)), glove
      ),
      ("a.csv", Array(("word,x,y,z\n" + lines.map { "\"\($0)\",\($1.joined(separator: ","))\n" }.joined()).utf8), word),
      ("b.csv", Array(zip([5, 6, 7], lines).map { "\($0),\($1.1.joined(separator: ","))\n" }.joined().utf8), user),
      ("a.tsv", Array(lines.map { "\($0)\t\($1.joined(separator: "\t"))\n" }.joined().utf8), word),
    ]
  }

  @Test(arguments: FormatTests.files().indices)
  func `every format gives the same vectors`(_ index: Int) throws {
    let (name, bytes, options) = Self.files()[index]
    let importing = try ImportStore()
    let report = try importing.take(importing.file(name, bytes), options)
    #expect(report.rows == 3 && report.dimension == 3 && report.type == .f32 && report.version == 2, "\(name)")
    for (row, vector) in Self.vectors.enumerated() {
      var word = Self.words[row]
      if name.contains(".bin") { word = word.replacing(" ", with: "_") }
      let found =
        options.table == "frozen/word"
        ? try importing.vector("frozen/word", word) : try importing.vector("frozen/user", ID(5 + row))
      #expect(found == vector, "\(name), row \(row)")
      guard options.table == "frozen/word" else { continue }
      let snapshot = try importing.store.snapshot()
      let dictionary = try #require(try IDTableReader(snapshot, TableName(.ids, "word")))
      #expect(try dictionary.string(of: dictionary.find(RowHash.salt(word))) == word)
    }
    let root = try #require(try importing.reader(options.table)).table.contentRoot(of: "vector")
    #expect(root == report.vectorRoot)
  }

  @Test func `IDs come from row numbers, lines, arrays, and names for absent and unknown`() throws {
    let importing = try ImportStore()
    let array = try importing.file("v.npy", Foreign.vectors([[1], [2], [3]]))
    try importing.take(array, ImportOptions(table: "a/user", ids: .rowNumbers, missing: "0", unknown: "2"))
    #expect(try importing.vector("a/user", 1) == [2])
    #expect(try importing.vector("a/user", ID.missing) == [1])
    #expect(try importing.vector("a/user", ID.unknown) == [3])
    #expect(try importing.vector("a/user", 0) == nil)
    let lines = try importing.file("ids.txt", Array("x\ny z\n<unk>\n".utf8))
    try importing.take(array, ImportOptions(table: "b/word", ids: .file(lines), unknown: "<unk>"))
    #expect(try importing.vector("b/word", "y z") == [2])
    #expect(try importing.vector("b/word", ID.unknown) == [3])
    let numbers = try importing.file("ids.npy", Foreign.npy("<u8", "(3,)", Foreign.bytes([7, 8, UInt64.max - 2])))
    try importing.take(array, ImportOptions(table: "c/user", ids: .file(numbers)))
    #expect(try importing.vector("c/user", ID.largest) == [3])
    let csv = try importing.file("c.csv", Array("x,who,y\n1,8,2\n3,9,4\n".utf8))
    try importing.take(csv, ImportOptions(table: "d/user", idColumn: "who"))
    #expect(try importing.vector("d/user", 9) == [3, 4])
  }

  @Test(arguments: [("a\nb\n", "ends after 2"), ("a\nb\nc\nd\n", "more lines"), ("a\n\nc\n", "empty ID")])
  func `a companion file of another length is refused`(text: String, says: String) throws {
    let importing = try ImportStore()
    let array = try importing.file("v.npy", Foreign.vectors([[1], [2], [3]]))
    let ids = try importing.file("ids.txt", Array(text.utf8))
    let error = #expect(throws: ImportError.self) {
      try importing.take(array, ImportOptions(table: "a/word", ids: .file(ids)))
    }
    #expect(error?.message.contains(says) == true, "\(error!)")
  }

  @Test func `element types are kept, and made others on request`() throws {
    let importing = try ImportStore()
    let values: [Float] = [1, -0.5, 65_504, 0.125]
    let half: [UInt16] = [0x3C00, 0xB800, 0x7BFF, 0x3000]
    let f16 = try importing.file("h.npy", Foreign.npy("<f2", "(2, 2)", Foreign.bytes(half)))
    let report = try importing.take(f16, ImportOptions(table: "h/user", ids: .rowNumbers))
    #expect(report.type == .f16 && report.convertedFrom == nil)
    #expect(try importing.vector("h/user", 1) == [65_504, 0.125])
    let wide = try importing.file("w.npy", Foreign.npy("<f8", "(2, 2)", Foreign.bytes(values.map(Double.init))))
    #expect(try importing.take(wide, ImportOptions(table: "w/user", ids: .rowNumbers)).convertedFrom == "f64")
    #expect(try importing.vector("w/user", 0) == [1, -0.5])
    let header = """
      {"rows":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}}
      """
    let bf16 = try importing.file(
      "b.safetensors", Foreign.safetensors(header, Foreign.bytes([0x3F80, 0xBF00, 0x4780, 0x3E00] as [UInt16])))
    #expect(try importing.take(bf16, ImportOptions(table: "b/user", ids: .rowNumbers)).type == .bf16)
    #expect(try importing.vector("b/user", 1) == [65_536, 0.125])
    let scaled = """
      {"rows.scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"rows":{"dtype":"I8","shape":[2,2],"data_offsets":[8,12]}}
      """
    let i8 = try importing.file(
      "i.safetensors", Foreign.safetensors(scaled, Foreign.bytes([0.5, 2] as [Float]) + [1, 254, 127, 128]))
    #expect(try importing.take(i8, ImportOptions(table: "i/user", ids: .rowNumbers)).type == .i8)
    #expect(try importing.vector("i/user", 0) == [0.5, -1])
    #expect(try importing.vector("i/user", 1) == [254, -256])
    let f32 = try importing.file("f.npy", Foreign.vectors([values, [0, 0, 0, 0]]))
    for (type, error) in [(DataType.f16, 1e-3), (.bf16, 4e-3), (.i8, 1 / 254.0)] {
      let table = "t\(type)/user"
      let options = ImportOptions(table: table, ids: .rowNumbers, type: type)
      #expect(try importing.take(f32, options).convertedFrom == "f32")
      let found = try #require(try importing.vector(table, 0))
      for (is_, was) in zip(found, values) {
        let bound = type == .i8 ? Double(65_504) * error : Double(abs(was)) * error
        #expect(Double(abs(is_ - was)) <= bound + 1e-9, "\(type): \(is_) for \(was)")
      }
      #expect(try importing.vector(table, 1) == [0, 0, 0, 0])
    }
    #expect(throws: ImportError.self) {
      let options = ImportOptions(table: "o/user", ids: .rowNumbers, type: .f16)
      try importing.take(importing.file("o.npy", Foreign.vectors([[70_000]])), options)
    }
  }

  @Test func `numbers that are not finite are refused, skipped or kept`() throws {
    let importing = try ImportStore()
    let file = try importing.file("v.npy", Foreign.vectors([[1, 2], [.nan, .infinity], [5, 6]]))
    let refused = #expect(throws: ImportError.self) {
      try importing.take(file, ImportOptions(table: "a/user", ids: .rowNumbers))
    }
    #expect(refused?.code == "import.nonfinite" && refused?.message.contains("row 1, ID 1: element 0") == true)
    let skipped = try importing.take(file, ImportOptions(table: "a/user", ids: .rowNumbers, nonfinite: .skip))
    #expect(skipped.rows == 2 && skipped.skipped == 1)
    #expect(try importing.vector("a/user", 1) == nil)
    let kept = try importing.take(file, ImportOptions(table: "b/user", ids: .rowNumbers, nonfinite: .keep))
    #expect(kept.rows == 3 && kept.nonfinite == 2)
    #expect(try importing.vector("b/user", 1)?[1] == .infinity)
  }

  @Test func `a frozen table gives way only when told to, and its old rows are in older versions`() throws {
    let importing = try ImportStore()
    let first = try importing.file("a.npy", Foreign.vectors([[1, 2], [3, 4]]))
    let second = try importing.file("b.npy", Foreign.vectors([[5, 6]]))
    try importing.take(first, ImportOptions(table: "a/user", ids: .rowNumbers))
    let error = #expect(throws: ImportError.self) {
      try importing.take(second, ImportOptions(table: "a/user", ids: .rowNumbers))
    }
    #expect(error?.code == "import.table-exists")
    try importing.take(second, ImportOptions(table: "a/user", replaces: true, ids: .rowNumbers))
    #expect(try importing.vector("a/user", 0) == [5, 6])
    #expect(try importing.vector("a/user", 1) == nil)
    let old = try EmbeddingReader(importing.store.snapshot(at: .number(2)), model: "a", space: "user")
    #expect(try old?.vector(of: 1) == [3, 4])
    try importing.take(second, ImportOptions(table: "only/user", ids: .rowNumbers))
    let report = try importing.store.verify()
    #expect(report.problems.isEmpty)
  }

  @Test func `wrong names are refused with the nearest`() throws {
    let importing = try ImportStore()
    let file = try importing.file("a.npy", Foreign.vectors([[1, 2]]))
    for (table, hint) in [("user", "SPACE"), ("a/usr", "'user'"), ("a/b/c", "SPACE"), ("../x/user", "SPACE")] {
      let error = #expect(throws: ImportError.self) {
        try importing.take(file, ImportOptions(table: table, ids: .rowNumbers))
      }
      #expect(error?.code == "import.bad-table" && error?.hint?.contains(hint) == true, "\(table)")
    }
  }
}
