import Testing

/// A safetensors file that its reader must refuse, and a word of the message that says why.
struct Hostile: Sendable, CustomTestStringConvertible {
  var name: String
  var says: String
  var bytes: [UInt8]
  var testDescription: String { name }

  init(_ name: String, says: String, _ bytes: [UInt8]) {
    (self.name, self.says, self.bytes) = (name, says, bytes)
  }

  init(_ name: String, says: String, header: String, content: Int = 0) {
    self.init(name, says: says, Self.file(header, content: [UInt8](repeating: 7, count: content)))
  }

  static func file(_ header: String, content: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    return withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian, Array.init) + text + content
  }

  /// The header of one tensor, `a`.
  static func one(_ dtype: String = "\"F32\"", _ shape: String = "[1]", _ offsets: String = "[0,4]") -> String {
    "{\"a\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  /// An entry of bytes.
  static func u8(_ name: String, _ begin: Int, _ end: Int) -> String {
    "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[\(end - begin)],\"data_offsets\":[\(begin),\(end)]}"
  }

  static let all: [Hostile] = [
    Hostile("empty file", says: "too few", []),
    Hostile("seven bytes", says: "too few", [1, 0, 0, 0, 0, 0, 0]),
    Hostile("header of no bytes", says: "begin with {", file("")),
    Hostile("header longer than the file", says: "claims", file("{}", length: 100)),
    Hostile("header longer than the format allows", says: "claims 100000001", file("{}", length: 100_000_001)),
    Hostile("header length of 2^64 - 1", says: "claims", file("{}", length: .max)),
    Hostile("header length of 2^63", says: "claims", file("{}", length: 1 << 63)),
    Hostile("blank before the brace", says: "begin with {", header: " {}"),
    Hostile("array for object", says: "begin with {", header: "[]"),
    Hostile("not UTF-8", says: "UTF-8", [5, 0, 0, 0, 0, 0, 0, 0] + Array("{\"".utf8) + [0xFF] + Array("\"}".utf8)),
    Hostile("unclosed object", says: "the end", header: "{"),
    Hostile("text after the object", says: "after the closing", header: "{} {}"),
    Hostile("trailing comma", says: "expected \"", header: "{" + u8("a", 0, 1) + ",}", content: 1),
    Hostile("comment", says: "expected", header: "{/**/}"),
    Hostile("NUL padding", says: "after the closing", header: "{}\0\0"),
    Hostile("a name twice", says: "stands twice", header: "{\(u8("a", 0, 1)),\(u8("a", 1, 2))}", content: 2),
    Hostile(
      "a name twice, once escaped", says: "stands twice",
      header: "{\(u8("a", 0, 1)),\(u8("\\u0061", 1, 2))}", content: 2),
    Hostile(
      "a key of an entry twice", says: "stands twice",
      header: "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", content: 1),
    Hostile("metadata twice", says: "stands twice", header: "{\"__metadata__\":{},\"__metadata__\":{}}"),
    Hostile("metadata key twice", says: "stands twice", header: "{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}"),
    Hostile("metadata that is a number", says: "expected \"", header: "{\"__metadata__\":{\"a\":1}}"),
    Hostile("metadata nested", says: "expected \"", header: "{\"__metadata__\":{\"a\":{}}}"),
    Hostile("unknown dtype", says: "unknown dtype", header: one("\"F31\""), content: 4),
    Hostile("dtype in lower case", says: "unknown dtype", header: one("\"f32\""), content: 4),
    Hostile("unknown key", says: "unknown key", header: "{\"a\":{\"dtype\":\"U8\",\"file\":\"/etc/passwd\"}}"),
    Hostile("no data_offsets", says: "lacks", header: "{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}"),
    Hostile("entry that is a list", says: "expected {", header: "{\"a\":[]}"),
    Hostile("deep nesting", says: "expected", header: "{\"a\":" + String(repeating: "[", count: 100_000)),
    Hostile("negative dimension", says: "whole number", header: one("\"F32\"", "[-1]"), content: 4),
    Hostile("fractional dimension", says: "fraction", header: one("\"F32\"", "[1.0]"), content: 4),
    Hostile("dimension with an exponent", says: "exponent", header: one("\"F32\"", "[1e0]"), content: 4),
    Hostile("dimension with a leading zero", says: "begins with 0", header: one("\"F32\"", "[01]"), content: 4),
    Hostile("dimension of 2^63", says: "63 bits", header: one("\"U8\"", "[9223372036854775808]"), content: 4),
    Hostile("dimension of 30 digits", says: "63 bits", header: one("\"U8\"", "[999999999999999999999999999999]")),
    Hostile(
      "shape whose product wraps to its range", says: "overflows",
      header: one("\"F32\"", "[4294967296,4294967296]", "[0,0]")),
    Hostile(
      "shape that overflows before a zero", says: "overflows",
      header: one("\"F32\"", "[4611686018427387904,4,0]", "[0,0]")),
    Hostile(
      "too many dimensions", says: "more than 64",
      header: one("\"U8\"", "[1\(String(repeating: ",1", count: 64))]", "[0,1]"), content: 1),
    Hostile("shape larger than its range", says: "takes 8 bytes", header: one("\"F32\"", "[2]"), content: 4),
    Hostile("shape smaller than its range", says: "takes 4 bytes", header: one("\"F32\"", "[1]", "[0,8]"), content: 8),
    Hostile("range that ends before it begins", says: "no range", header: one("\"F32\"", "[0]", "[4,0]"), content: 4),
    Hostile("range of one number", says: "no range", header: one("\"F32\"", "[1]", "[4]"), content: 4),
    Hostile("range of three numbers", says: "more than 2", header: one("\"F32\"", "[1]", "[0,2,4]"), content: 4),
    Hostile("content missing", says: "the file holds 3", header: one(), content: 3),
    Hostile("content left over", says: "the file holds 5", header: one(), content: 5),
    Hostile("content without tensors", says: "the file holds 1", header: "{}", content: 1),
    Hostile("hole at the beginning", says: "hole", header: "{\(u8("a", 1, 2))}", content: 2),
    Hostile("hole in the middle", says: "hole", header: "{\(u8("a", 0, 1)),\(u8("b", 2, 3))}", content: 3),
    Hostile("overlap", says: "overlaps", header: "{\(u8("a", 0, 2)),\(u8("b", 1, 3))}", content: 3),
    Hostile("two tensors in one place", says: "overlaps", header: "{\(u8("a", 0, 2)),\(u8("b", 0, 2))}", content: 2),
    Hostile("unfinished string", says: "does not end", header: "{\"a"),
    Hostile("raw control in a string", says: "control", header: "{\"a\n\":1}"),
    Hostile("unknown escape", says: "unknown escape", header: "{\"\\x\":1}"),
    Hostile("half a surrogate pair", says: "surrogate", header: "{\"\\ud83d\":1}"),
    Hostile("trail surrogate first", says: "surrogate", header: "{\"\\ude00\\ud83d\":1}"),
    Hostile("escape with a sign", says: "hexadecimal", header: "{\"\\u+041\":1}"),
  ]
}
