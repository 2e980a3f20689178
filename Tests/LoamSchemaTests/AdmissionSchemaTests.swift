import LoamSchema
import Testing

@Suite struct AdmissionSchemaTests {
  @Test func admissionSurvivesTheRoundTrip() throws {
    let schema = try Schema.parse(
      yaml: schemaText(
        "ids:\n  - {each: [a, b], space: word, admission: {minimum_count: 5, epsilon: 0.00001, delta: 0.001}}\n"
          + "  - {name: c, admission: {minimum_count: 2}}"), file: "s.yaml")
    #expect(schema.ids.map { $0.admission?.minimumCount } == [5, 5, 2])
    #expect(schema.ids[0].admission?.epsilon == 1e-5 && schema.ids[2].admission?.delta == 0.01)
    #expect(try Schema.parse(yaml: schema.yaml, file: "again.yaml") == schema)
  }

  @Test(arguments: [
    ("minimum_count: 1", "must be 2 to"), ("epsilon: 0.1", "minimum_count"),
    ("minimum_count: 5, epsilon: 0.5", "epsilon"), ("minimum_count: 5, delta: 0", "delta"),
    ("minimum_count: 5, epsilom: 0.1", "Did you mean 'epsilon'"),
  ])
  func isRefused(_ text: String, _ says: String) {
    let error = refusal(of: schemaText("ids:\n  - {name: a, admission: {\(text)}}"))
    #expect("\(error?.message ?? "") \(error?.hint ?? "")".contains(says), "\(error?.message ?? "")")
  }

  @Test func fieldsOfASpaceAreAdmittedAlikeAndForGood() throws {
    let error = refusal(
      of: schemaText("ids:\n  - {name: a, space: w, admission: {minimum_count: 5}}\n  - {name: b, space: w}"))
    #expect(error?.reason == .conflictingKey && error?.message.contains("'b' and 'a'") == true)
    func schema(_ text: String) throws -> Schema {
      try Schema.parse(yaml: schemaText("ids:\n  - {name: a\(text)}"), file: "s.yaml")
    }
    let (exact, estimated) = (try schema(""), try schema(", admission: {minimum_count: 5}"))
    #expect(estimated.conflict(replacing: exact)?.contains("counted exactly") == true)
    #expect(exact.conflict(replacing: estimated)?.contains("admitted otherwise") == true)
    #expect(exact.conflict(replacing: exact) == nil)
  }
}
