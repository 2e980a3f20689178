import LoamSchema

enum Schemas {
  /// What is read is written again, and read as the same.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let schema = try? Schema.parse(yaml: text, file: "fuzz") else { return }
    guard let again = try? Schema.parse(yaml: schema.yaml, file: "again") else {
      fatalError("written as:\n\(schema.yaml)")
    }
    precondition(again == schema, "written as:\n\(schema.yaml)")
  }
}
