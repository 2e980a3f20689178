import ArgumentParser
import Foundation
import LoamSchema
import LoamStore

struct StoreArgument: ParsableArguments {
  @Argument(help: "The store's directory.", completion: .directory)
  var store: String

  func open(for access: Store.Access) throws -> Store { try Store.open(at: store, for: access) }
}

/// A store and one of its versions.
struct SnapshotArguments: ParsableArguments {
  @OptionGroup var path: StoreArgument
  @Option(help: "A version's number, tag or alias, or 'latest'.")
  var at = "latest"

  func snapshot() throws -> Snapshot { try path.open(for: .read).snapshot(at: VersionReference(at)) }
}

extension Snapshot {
  /// The schema that the store's rows are read by.
  func schema() throws -> Schema {
    guard let text = try schemaText() else {
      throw CommandError(.noSchema, "the store \(store.path) has no schema")
    }
    return try Schema.parse(yaml: text, file: "schema of \(store.path)")
  }

  /// Names of the tables of a kind that hold something, sorted.
  func names(_ kind: TableName.Kind) -> [String] {
    tables.filter { $0.kind == kind && (kind == .log || record.tables[$0.description]?.rows != 0) }.map(\.name)
  }

  /// The error for a table that this version does not have.
  func unknown(_ kind: TableName.Kind, _ name: String, _ what: String) -> CommandError {
    let known = names(kind)
    let near = nearestName(to: name, among: known)
    return CommandError(
      .unknownTable, "version \(record.version) has no \(what) '\(name)'",
      hint: near.map { "Did you mean '\($0)'?" }
        ?? (known.isEmpty ? "It has none at all." : "It has: \(known.joined(separator: ", "))."))
  }
}

/// Reads a text file that the user named.
func textFile(_ path: String) throws -> String {
  guard let bytes = FileManager.default.contents(atPath: path) else {
    throw CommandError(.unknownFile, "cannot read the file \(path)", hint: "Is the path right, and readable?")
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw CommandError(.unknownFormat, "\(path) is not UTF-8 text")
  }
  return text
}

extension Snapshot {
  /// The model that was asked for, or the only one there is.
  func onlyModel(_ asked: String?) throws -> String {
    let models = names(.model)
    if let asked {
      guard models.contains(asked) else { throw unknown(.model, asked, "model") }
      return asked
    }
    guard models.count == 1 else {
      throw CommandError(
        .unknownTable,
        models.isEmpty
          ? "version \(record.version) has no model"
          : "version \(record.version) has \(models.count) models: say which",
        hint: models.isEmpty
          ? "Train one with: loam train \(store.path) --config FILE" : "--model \(models.joined(separator: "|"))")
    }
    return models[0]
  }
}

extension Schema {
  /// The same columns in files of another kind.
  func read(as kind: RecordFormat.Kind?) -> Schema {
    guard let kind, kind != format.kind else { return self }
    var copy = self
    copy.format = RecordFormat(kind: kind, columns: format.columns, missing: format.missing, trim: format.trim)
    return copy
  }
}
