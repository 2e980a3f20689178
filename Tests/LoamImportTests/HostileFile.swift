import Testing

@testable import LoamImport

/// A file that an import must refuse, and a word of the message that says why.
struct HostileFile: Sendable, CustomTestStringConvertible {
  var what: String
  var name: String
  var says: String
  var bytes: [UInt8]
  var options: ImportOptions
  var testDescription: String { what }

  init(
    _ what: String, _ name: String, says: String, _ bytes: [UInt8], table: String = "frozen/user",
    ids: ImportOptions.IDs = .rowNumbers, tensor: String? = nil
  ) {
    (self.what, self.name, self.says, self.bytes) = (what, name, says, bytes)
    options = ImportOptions(table: table, tensor: tensor, ids: ids)
  }

  private static let two: [Float] = [1, 2, 3, 4]
  private static let content = Foreign.bytes(two)
  private static let array = Foreign.npy("<f4", "(2, 2)", content)

  private static func zip(_ change: (inout Zip.Entry) -> Void) -> [UInt8] {
    var entry = Zip.Entry(name: "vectors.npy", content: array)
    change(&entry)
    return Zip([entry]).file
  }

  private static func word2vec(_ what: String, says: String, _ bytes: [UInt8]) -> HostileFile {
    HostileFile(what, "a.bin", says: says, bytes, table: "frozen/word", ids: .own)
  }

  private static func text(_ what: String, _ name: String, says: String, _ text: String) -> HostileFile {
    HostileFile(what, name, says: says, Array(text.utf8), ids: .own)
  }

  static let all: [HostileFile] = npy + npz + words + texts + tensors

  static let npy: [HostileFile] = [
    .init("empty npy", "a.npy", says: "no NumPy array", []),
    .init("npy of its magic alone", "a.npy", says: "no NumPy array", Array(array.prefix(8))),
    .init("npy header cut", "a.npy", says: "the header", Array(array.prefix(40))),
    .init("npy version 9", "a.npy", says: "version 9.0", Foreign.npy(header: "{}", [], major: 9)),
    .init(
      "npy header length of 4 GiB", "a.npy", says: "a header of 4294967295",
      Foreign.npy(header: "{}", [], major: 2, length: 0xFFFF_FFFF)),
    .init("npy header that is no dictionary", "a.npy", says: "expected {", Foreign.npy(header: "[1]", [])),
    .init(
      "npy key twice", "a.npy", says: "stands twice",
      Foreign.npy(header: "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}", [])),
    .init(
      "npy unknown key", "a.npy", says: "unknown",
      Foreign.npy(header: "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), 'x': 1}", [])),
    .init(
      "npy without shape", "a.npy", says: "missing", Foreign.npy(header: "{'descr': '<f4', 'fortran_order': False}", [])
    ),
    .init(
      "npy text after the header", "a.npy", says: "after the closing",
      Foreign.npy(header: "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)} + 1", [])),
    .init("npy pickle", "a.npy", says: "a program", Foreign.npy("|O", "(2, 2)", content)),
    .init("npy big-endian", "a.npy", says: "order of bytes", Foreign.npy(">f4", "(2, 2)", content)),
    .init("npy of complex numbers", "a.npy", says: "not read", Foreign.npy("<c8", "(1, 2)", content)),
    .init(
      "npy of records", "a.npy", says: "records",
      Foreign.npy(header: "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2)}", content)),
    .init("npy in Fortran order", "a.npy", says: "Fortran", Foreign.npy("<f4", "(2, 2)", content, fortran: "True")),
    .init(
      "npy shape that overflows", "a.npy", says: "overflows",
      Foreign.npy("<f4", "(4611686018427387904, 4)", content)),
    .init(
      "npy dimension of 30 digits", "a.npy", says: "63 bits", Foreign.npy("<f4", "(999999999999999999999999, 1)", [])),
    .init("npy negative dimension", "a.npy", says: "whole number", Foreign.npy("<f4", "(-1, 4)", content)),
    .init("npy of one axis", "a.npy", says: "[rows, dimension]", Foreign.npy("<f4", "(4,)", content)),
    .init("npy of three axes", "a.npy", says: "[rows, dimension]", Foreign.npy("<f4", "(1, 2, 2)", content)),
    .init("npy without rows", "a.npy", says: "[rows, dimension]", Foreign.npy("<f4", "(0, 4)", [])),
    .init("npy of no dimension", "a.npy", says: "[rows, dimension]", Foreign.npy("<f4", "(4, 0)", [])),
    .init(
      "npy of 2^40 dimensions", "a.npy", says: "[rows, dimension]", Foreign.npy("<f4", "(1, 1099511627776)", content)),
    .init("npy truncated", "a.npy", says: "truncated", Array(array.dropLast())),
    .init("npy that claims 2^40 rows", "a.npy", says: "truncated", Foreign.npy("<f4", "(1099511627776, 2)", content)),
    .init("npy with bytes left over", "a.npy", says: "after the array", array + [0]),
    .init(
      "npy with NaN", "a.npy", says: "element 1 is nan",
      Foreign.npy("<f4", "(2, 2)", Foreign.bytes([1, .nan, 3, 4] as [Float]))),
    .init(
      "npy with infinity", "a.npy", says: "is -inf", Foreign.npy("<f8", "(1, 1)", Foreign.bytes([-Double.infinity]))),
    .init("npy f64 beyond f32", "a.npy", says: "cannot hold", Foreign.npy("<f8", "(1, 1)", Foreign.bytes([1e300]))),
    .init(
      "npy in damaged gzip", "a.npy.gz", says: "damaged",
      Array(Foreign.gzip(array).dropLast(8)) + [9, 9, 9, 9, 9, 9, 9, 9]),
    .init("npy in truncated gzip", "a.npy.gz", says: "truncated", Array(Foreign.gzip(array).dropLast(12))),
    .init(
      "bomb of gzip", "a.npy.gz", says: "no vectors are packed so tightly",
      Foreign.gzip(Foreign.npy("<f4", "(68, 262144)", [UInt8](repeating: 0, count: 68 << 20)))),
    .init("npy without IDs", "a.npy", says: "which IDs", array, ids: .own),
    .init("a pipe of text as npy", "a.npy", says: "no NumPy array", Array("hello hello hello".utf8)),
  ]

  static let npz: [HostileFile] = [
    .init("zip without its end", "a.npz", says: "truncated", Array(zip { _ in }.dropLast(1))),
    .init(
      "zip with bytes before its directory", "a.npz", says: "is not where",
      {
        var zip = Zip([Zip.Entry(name: "vectors.npy", content: array)])
        zip.directoryOffset = 7
        return zip.file
      }()),
    .init("zip entry that leads up", "a.npz", says: "no name", zip { $0.name = "../../etc/passwd.npy" }),
    .init("zip entry with an absolute name", "a.npz", says: "no name", zip { $0.name = "/etc/passwd.npy" }),
    .init("zip entry with a NUL", "a.npz", says: "no name", zip { $0.name = "a\0.npy" }),
    .init("zip entry called ..", "a.npz", says: "no name", zip { $0.name = ".." }),
    .init(
      "zip with an entry twice", "a.npz", says: "stands twice",
      {
        let entry = Zip.Entry(name: "vectors.npy", content: array)
        return Zip([entry, entry]).file
      }()),
    .init(
      "zip with entries that overlap", "a.npz", says: "overlaps",
      {
        // The second one lies in the content of the first.
        let inner = Zip([Zip.Entry(name: "b.npy", content: array)]).file.prefix(30 + 5 + array.count)
        let outer = Zip.Entry(name: "vectors.npy", content: Array(inner))
        return Zip([outer, Zip.Entry(name: "b.npy", content: array, offset: 30 + 11)]).file
      }()),
    .init("zip with another local name", "a.npz", says: "otherwise", zip { $0.localName = "vectorz.npy" }),
    .init(
      "zip entry beyond the file", "a.npz", says: "beyond the file",
      zip {
        $0.packedBytes = 0x7FFF_FFFF; $0.bytes = 0x7FFF_FFFF
      }),
    .init("zip entry that begins beyond the file", "a.npz", says: "begins beyond", zip { $0.offset = 0x7FFF_FFFF }),
    .init("zip64 entry without its field", "a.npz", says: "zip64", zip { $0.bytes = 0xFFFF_FFFF }),
    .init("zip entry encrypted", "a.npz", says: "encrypted", zip { $0.flags = 1 }),
    .init("zip entry packed by an unknown method", "a.npz", says: "method 99", zip { $0.method = 99 }),
    .init("zip stored entry with two lengths", "a.npz", says: "stored entry", zip { $0.bytes = 3 }),
    .init("zip checksum wrong", "a.npz", says: "checksum", zip { $0.crc = 1 }),
    .init(
      "zip entry that unpacks to less", "a.npz", says: "the directory says",
      zip {
        $0.isDeflated = true; $0.bytes = 9_999
      }),
    .init(
      "zip entry that unpacks to more", "a.npz", says: "more than the 100",
      zip {
        $0.isDeflated = true; $0.bytes = 100
      }),
    .init(
      "zip of more entries than it has", "a.npz", says: "ends within",
      {
        var zip = Zip([Zip.Entry(name: "vectors.npy", content: array)])
        zip.entryCount = 3
        return zip.file
      }()),
    .init(
      "zip bomb", "a.npz", says: "no vectors are packed so tightly",
      zip {
        $0.content = Foreign.npy("<f4", "(68, 262144)", [UInt8](repeating: 0, count: 68 << 20))
        $0.isDeflated = true
      }),
    .init("zip without arrays", "a.npz", says: "which array", zip { $0.name = "readme.txt" }),
    .init("zip without the array asked for", "a.npz", says: "none called", zip { _ in }, tensor: "other"),
  ]

  static let words: [HostileFile] = [
    word2vec("word2vec without a first line", says: "rows dimension", Array("hello".utf8)),
    word2vec("word2vec of negative rows", says: "rows dimension", Array("-1 2\nabc".utf8)),
    word2vec("word2vec of 2^64 rows", says: "rows dimension", Array("18446744073709551616 2\n".utf8)),
    word2vec("word2vec of no dimension", says: "rows dimension", Array("1 0\na ".utf8)),
    word2vec("word2vec of 2^40 dimensions", says: "rows dimension", Array("1 1099511627776\na ".utf8)),
    word2vec(
      "word2vec truncated in a vector", says: "truncated",
      Array(Foreign.word2vec([("a", two)], feeds: false).dropLast())),
    word2vec("word2vec of fewer rows than it says", says: "truncated", Foreign.word2vec([("a", two)], header: "2 4")),
    word2vec(
      "word2vec of more rows than it says", says: "promises", Foreign.word2vec([("a", two), ("b", two)], header: "1 4")),
    word2vec("word2vec without a word", says: "empty ID", Foreign.word2vec([("", two)])),
    word2vec(
      "word2vec of an endless word", says: "no word of at most",
      Array("1 4\n".utf8) + [UInt8](repeating: 0x61, count: 5_000)),
    word2vec("word2vec not UTF-8", says: "UTF-8", Array("1 1\n".utf8) + [0xFF, 0x20] + Foreign.bytes([Float(1)])),
    word2vec("word2vec with a NUL", says: "NUL", Array("1 1\n".utf8) + [0x61, 0, 0x20] + Foreign.bytes([Float(1)])),
    word2vec(
      "word2vec with a word twice", says: "row 0 and in row 2", Foreign.word2vec([("a", two), ("b", two), ("a", two)])),
  ]

  static let texts: [HostileFile] = [
    text("csv of one column", "a.csv", says: "found 1 fields", "a\nb\n"),
    text("csv empty", "a.csv", says: "found 1 fields", ""),
    text("csv of names alone", "a.csv", says: "no row", "id,x,y\n"),
    text("csv with a row too short", "a.csv", says: ":2: 1 numbers", "1,2,3\n4,5\n"),
    text("csv with a row too long", "a.csv", says: ":2: 3 numbers", "1,2,3\n4,5,6,7\n"),
    text("csv with text for a number", "a.csv", says: ":2:5: expected a number, found \"x\"", "1,2,3\n4,5,x\n"),
    text("csv with hexadecimal", "a.csv", says: "expected a number", "1,2,3\n4,5,0x10\n"),
    text("csv with an open quote", "a.csv", says: "not closed", "1,2,3\n\"4,5,6\n"),
    text("csv with text behind a quote", "a.csv", says: "after a closing quote", "1,2,3\n\"4\"4,5,6\n"),
    text("csv with a negative ID", "a.csv", says: ":2: \"-4\" is no ID", "1,2,3\n-4,5,6\n"),
    text("csv with a reserved ID", "a.csv", says: "is no ID", "18446744073709551615,5,6\n"),
    text("csv with an ID twice", "a.csv", says: "the ID 7 stands in line 2 and in line 4", "id,x\n7,1\n8,1\n7,2\n"),
    text("csv with an ID twice, written in two ways", "a.csv", says: "line 1 and in line 2", "7,1\n007,1\n"),
    text("glove with NaN", "a.glove.txt", says: "line 2, ID 2: element 0 is nan", "1 2.5\n2 nan\n"),
    text("glove with a number beyond f32", "a.glove.txt", says: "is inf", "1 2.5\n2 1e39\n"),
    text("word2vec text truncated", "a.vec", says: "ends after 1 of 2", "2 2\n1 1 1\n"),
    text("word2vec text with a row too many", "a.vec", says: "promises", "1 2\n1 1 1\n2 2 2\n"),
    text("no known format", "a.dat", says: "neither its name", "hello"),
  ]

  private static func tensor(
    _ what: String, says: String, _ header: String, _ content: Int, ids: ImportOptions.IDs = .own
  )
    -> HostileFile
  {
    HostileFile(
      what, "a.safetensors", says: says, Foreign.safetensors(header, [UInt8](repeating: 0, count: content)), ids: ids)
  }

  static let tensors: [HostileFile] = [
    tensor(
      "safetensors with overlaps", says: "overlaps",
      #"{"ids":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},"rows":{"dtype":"F32","shape":[1,1],"data_offsets":[4,8]}}"#,
      8),
    tensor(
      "safetensors truncated", says: "the file holds",
      #"{"ids":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},"rows":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}"#,
      11),
    tensor(
      "safetensors with fewer IDs than rows", says: "expected whole numbers [2]",
      #"{"ids":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},"rows":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]}}"#,
      16),
    tensor(
      "safetensors with IDs of f32", says: "expected whole numbers",
      #"{"ids":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"rows":{"dtype":"F32","shape":[1,1],"data_offsets":[4,8]}}"#,
      8),
    tensor(
      "safetensors with an ID twice", says: "the ID 0 stands in row 0 and in row 1",
      #"{"ids":{"dtype":"U64","shape":[2],"data_offsets":[0,16]},"rows":{"dtype":"F32","shape":[2,1],"data_offsets":[16,24]}}"#,
      24),
    tensor(
      "safetensors of whole numbers", says: "which tensor",
      #"{"ids":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},"x":{"dtype":"I32","shape":[1,1],"data_offsets":[8,12]}}"#,
      12),
    tensor(
      "safetensors with two tables", says: "which tensor",
      #"{"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[4,8]}}"#,
      8),
    tensor(
      "safetensors with a scale of another shape", says: "rows.scale",
      #"{"rows.scale":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"rows":{"dtype":"I8","shape":[2,1],"data_offsets":[12,14]}}"#,
      14, ids: .rowNumbers),
    tensor(
      "safetensors with a dictionary beyond its bytes", says: "strings",
      #"{"dictionary.offsets":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"ids":{"dtype":"U64","shape":[1],"data_offsets":[16,24]},"rows":{"dtype":"F32","shape":[1,1],"data_offsets":[24,28]},"dictionary.bytes":{"dtype":"U8","shape":[0],"data_offsets":[28,28]}}"#,
      28),
  ]
}
