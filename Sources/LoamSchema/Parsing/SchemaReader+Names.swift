extension SchemaReader {
  static let nameBytesMax = 128

  /// A name of ours: of a schema, field, label, space or timeline.
  func name(_ value: YAMLValue) throws(SchemaError) -> String {
    let text = try value.string()
    try checkName(text, at: value)
    return text
  }

  func checkName(_ text: String, at value: YAMLValue) throws(SchemaError) {
    guard !text.isEmpty else { throw value.refused("must not be empty", .badName) }
    guard text.utf8.count <= Self.nameBytesMax else {
      throw value.refused("has \(text.utf8.count) letters, a name has at most \(Self.nameBytesMax)", .badName)
    }
    let isLetter: (UInt8) -> Bool = { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard text.utf8.allSatisfy(isLetter) else {
      throw value.refused(
        "is \"\(text)\"; a name has letters a-z A-Z, digits, '_', '.' and '-' only", .badName,
        hint: "A column of the file may have any name: write {name: ..., column: \"\(text)\"}.")
    }
  }

  /// Enters the name of a label or field, which nothing else may have.
  mutating func declare(_ name: String, at value: YAMLValue) throws(SchemaError) {
    try checkName(name, at: value)
    if let first = names.updateValue(value.position, forKey: name) {
      throw SchemaError(
        .duplicateName, at: value.position,
        "'\(name)' is declared twice, first on line \(first.line); labels and fields share one set of names")
    }
  }

  /// A column of the file, which the format must have where it says which ones there are.
  func column(_ value: YAMLValue) throws(SchemaError) -> String {
    let text = try value.string()
    guard !text.isEmpty else { throw value.refused("must not be empty", .badName) }
    try checkColumn(text, at: value)
    return text
  }

  func checkColumn(_ column: String, at value: YAMLValue) throws(SchemaError) {
    let known: [String]
    switch format.kind {
    case .csv, .tsv:
      if format.columns.isEmpty { return }
      known = format.columns
    case .jsonl: return
    case .libsvm: known = ["label", "features"]
    case .libffm:
      if column.first == "f", column.count > 1, column.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) { return }
      known = ["label", "f0"]
    }
    guard !known.contains(column) else { return }
    let place = format.kind.isDelimited ? "'format.columns'" : "a \(format.kind.rawValue) file"
    let near = nearestName(to: column, among: known)
    throw SchemaError(
      .unknownColumn, at: value.position, "\(place) has no column '\(column)'",
      hint: near.map { "Did you mean '\($0)'?" } ?? "It has \(Self.few(known)).")
  }

  /// A list for a message, cut where it gets long.
  static func few(_ names: [String]) -> String {
    let shown = names.prefix(8).joined(separator: ", ")
    return names.isEmpty ? "none" : names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }
}
