/// A mapping of a YAML file, read with checks: every refusal names file, line, column, the expected and the found.
///
/// ```swift
/// let top = try YAMLMapping(yaml: text, file: "deepfm.yaml")
/// try top.refuseUnknownKeys(allowed: ["model", "epochs", "optimizer"])
/// let model = try top.required("model").string()
/// let epochs = try top.int("epochs") ?? 1
/// if let optimizer = try top.mapping("optimizer") {
///   try optimizer.refuseUnknownKeys(allowed: ["kind", "rate"])
///   let rate = try optimizer.double("rate") ?? 0.05
/// }
/// ```
///
/// The typed getters give `nil` for an absent key and throw for a value of another type. A key written with nothing
/// after it is present and of no type: it is refused rather than taken for absent.
public struct YAMLMapping: Sendable {
  struct Entry: Sendable {
    var key: String
    var keyPosition: YAMLPosition
    var value: YAMLValue
  }
  public let position: YAMLPosition
  public let path: String
  var entries: [Entry]

  /// The keys in the order of the file.
  public var keys: [String] { entries.map(\.key) }

  public func value(_ key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }
  public func has(_ key: String) -> Bool { value(key) != nil }

  /// The value of a key that must be there.
  public func required(_ key: String) throws(SchemaError) -> YAMLValue {
    guard let value = value(key) else {
      throw SchemaError(.missingKey, at: position, "\(subject) needs the key '\(key)'")
    }
    return value
  }

  /// Refuses the first key that is not in `allowed`, with the nearest one that is.
  public func refuseUnknownKeys(allowed: some Sequence<String>) throws(SchemaError) {
    let allowed = Array(allowed)
    for entry in entries where !allowed.contains(entry.key) {
      let near = nearestName(to: entry.key, among: allowed)
      throw SchemaError(
        .unknownKey, at: entry.keyPosition,
        "\(subject) has no key '\(entry.key)'; known: \(allowed.joined(separator: ", "))",
        hint: near.map { "Did you mean '\($0)'?" })
    }
  }

  /// The error "`path` `problem`" at a key's own place (at the mapping's, where the key is absent).
  public func refused(
    _ key: String, _ problem: String, _ reason: SchemaError.Reason = .conflictingKey, hint: String? = nil
  ) -> SchemaError {
    let place = entries.first { $0.key == key }?.keyPosition ?? position
    let name = path.isEmpty ? key : "\(path).\(key)"
    return SchemaError(reason, at: place, "'\(name)' \(problem)", hint: hint)
  }

  var subject: String { path.isEmpty ? "the file" : "'\(path)'" }
}
