import CSQLiteExtension
import LoamQuery

/// `cosine(a, b)`, `dot(a, b)`, `l2(a, b)`; `vector_json(v)` and `vector_of('[1, 2]')` for people. NULL of NULL.
enum VectorFunctions {
  static func register(_ database: OpaquePointer) -> Int32 {
    for similarity in Similarity.allCases {
      let name = similarity.rawValue
      let code = ScalarFunction.register(name, arguments: 2, flags: ScalarFunction.harmless, database) {
        (values, result) throws(SQLError) in
        guard let a = try vector(values[0], name), let b = try vector(values[1], name) else { return result.null() }
        guard a.count == b.count else {
          throw .sql(.badArgument, "\(name) of vectors of \(a.count / 4) and \(b.count / 4) elements")
        }
        result.real(a.withUnsafeBytes { a in b.withUnsafeBytes { VectorBytes.similarity(similarity, a, $0) } })
      }
      guard code == SQLITE_OK else { return code }
    }
    let code = ScalarFunction.register("vector_json", arguments: 1, flags: ScalarFunction.harmless, database) {
      (values, result) throws(SQLError) in
      guard let bytes = try vector(values[0], "vector_json") else { return result.null() }
      result.text("[" + VectorBytes.floats(bytes).map { "\($0)" }.joined(separator: ",") + "]")
    }
    guard code == SQLITE_OK else { return code }
    return ScalarFunction.register("vector_of", arguments: 1, flags: ScalarFunction.harmless, database) {
      (values, result) throws(SQLError) in
      if values[0] == .null { return result.null() }
      let inner = values[0].text?.drop { $0 == " " }.dropFirst().prefix { $0 != "]" }
      let texts = inner?.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
      let floats = texts?.compactMap { Float($0) }
      guard let floats, floats.count == texts?.count, values[0].text?.contains("[") == true else {
        throw .sql(.badArgument, "vector_of needs a list of numbers", hint: "vector_of('[0.5, -1, 2]')")
      }
      result.value(.blob(VectorBytes.bytes(floats)))
    }
  }

  private static func vector(_ value: SQLValue, _ function: String) throws(SQLError) -> [UInt8]? {
    switch value {
    case .null: return nil
    case .blob(let bytes) where bytes.count % 4 == 0: return bytes
    default:
      throw .sql(
        .badArgument, "\(function) needs vectors: BLOBs of f32",
        hint: "Take a column 'vector', or write one: vector_of('[0.5, -1, 2]').")
    }
  }
}
