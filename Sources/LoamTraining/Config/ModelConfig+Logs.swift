import LoamSchema

extension ModelConfig {
  /// The logs that a stored config names, whatever has become of the schema since.
  package static func logs(yaml: String) throws(SchemaError) -> (train: [String], validation: [String]) {
    let top = try YAMLMapping(yaml: yaml, file: "the stored config")
    let validation = try top.value("validation").map { (value) throws(SchemaError) in try logs(value) } ?? []
    return (try logs(try top.required("train")), validation)
  }
}
