import ArgumentParser
import LoamQuery
import LoamSchema
import LoamStore

/// A file of answers on its way out.
protocol FeatureFile {
  func write(_ records: UnsafeRawBufferPointer, count: Int) throws
  func finish(count: Int) throws
}

enum FeatureFormat: String, ExpressibleByArgument, CaseIterable {
  case arrow, csv, jsonl, npy

  init(path: String) { self = FeatureFormat(rawValue: path.split(separator: ".").last.map(String.init) ?? "") ?? .csv }

  func open(_ path: String, _ layout: ViewLayout, _ snapshot: Snapshot) throws -> any FeatureFile {
    switch self {
    case .npy, .arrow:
      guard path != "-" else {
        throw CommandError(
          .unknownFormat, "\(rawValue) cannot go to standard output: it is read from its end, or says its length first",
          hint: "Write to a file, or take csv or jsonl.")
      }
      return self == .npy ? try NPYFile(path, layout) : try FeatureArrowFile(path, FeatureTexts(layout, snapshot))
    case .csv: return try CSVFile(path, FeatureTexts(layout, snapshot))
    case .jsonl: return try JSONLinesFile(path, FeatureTexts(layout, snapshot))
    }
  }
}

/// NumPy's format: an array of records.
private struct NPYFile: FeatureFile {
  private let file: LineFile
  private let header: NPYHeader

  init(_ path: String, _ layout: ViewLayout) throws {
    file = try LineFile(path)
    header = NPYHeader(layout)
    try header.bytes(records: 0).withUnsafeBytes { try file.write(bytes: $0) }
  }
  func write(_ records: UnsafeRawBufferPointer, count: Int) throws { try file.write(bytes: records) }
  func finish(count: Int) throws {
    try header.bytes(records: count).withUnsafeBytes { try file.overwrite(bytes: $0) }
    try file.finish()
  }
}

/// A header, then a line a request; a feature of several elements has a column for each.
private struct CSVFile: FeatureFile {
  private let file: LineFile
  private let texts: FeatureTexts

  init(_ path: String, _ texts: FeatureTexts) throws {
    (file, self.texts) = (try LineFile(path), texts)
    let names = texts.layout.columns.flatMap { column in
      column.count.map { count in (0..<count).map { "\(column.name)_\($0)" } } ?? [column.name]
    }
    try file.write(names.map(Self.quoted).joined(separator: ",") + "\n")
  }

  func write(_ records: UnsafeRawBufferPointer, count: Int) throws {
    var lines = ""
    try texts.forEachRecord(records, count) { values in
      lines += values.map { $0.map { Self.quoted($0.text ?? "") }.joined(separator: ",") }.joined(separator: ",")
      lines += "\n"
    }
    try file.write(lines)
  }
  func finish(count: Int) throws { try file.finish() }

  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

/// A JSON object a request; a feature of several elements is an array; missing values are null.
private struct JSONLinesFile: FeatureFile {
  private let file: LineFile
  private let texts: FeatureTexts

  init(_ path: String, _ texts: FeatureTexts) throws { (file, self.texts) = (try LineFile(path), texts) }

  func write(_ records: UnsafeRawBufferPointer, count: Int) throws {
    let keys = try texts.layout.columns.map { try Self.quoted($0.name) }
    var lines = ""
    try texts.forEachRecord(records, count) { values in
      var parts: [String] = []
      for (column, elements) in values.enumerated() {
        let items = try elements.map { try Self.item($0) }
        parts.append("\(keys[column]):" + (texts.isList[column] ? "[\(items.joined(separator: ","))]" : items[0]))
      }
      lines += "{\(parts.joined(separator: ","))}\n"
    }
    try file.write(lines)
  }
  func finish(count: Int) throws { try file.finish() }

  private static func item(_ value: FeatureTexts.Value) throws -> String {
    guard let text = value.text else { return "null" }
    return value.isQuoted ? try quoted(text) : text
  }

  private static func quoted(_ text: String) throws -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\0"..."\u{1F}":
        let code = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
