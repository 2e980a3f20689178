import Foundation
import LoamStore
import Testing

/// A wrong input or command, and the answer it must get: exit code, error code, the place, what to do.
///
/// `$` stands for the case's folder. It has `s.loam` (a log `train`, a model `ctr`), `train.csv`, and the case's files.
struct BadInputCase: Sendable, CustomTestStringConvertible {
  var name: String
  var files: [String: [UInt8]]
  var arguments: [String]
  var status: Int32
  var code: String
  /// Texts that standard error has: where it is wrong, and what to do.
  var says: [String]

  init(
    _ name: String, files: [String: [UInt8]] = [:], _ arguments: [String], status: Int32 = 2, _ code: String,
    says: String...
  ) {
    (self.name, self.files, self.arguments) = (name, files, arguments)
    (self.status, self.code, self.says) = (status, code, says)
  }

  var testDescription: String { name }

  /// Runs the command; the store must be as it was, and nothing else be made.
  func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let place = try BadInputPlace()
    for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: place.folder(name))) }
    let (before, files) = (try place.state(), try place.files())
    let outcome = try place.run(arguments)
    let errors = outcome.errors
    #expect(outcome.status == status && !outcome.wasKilled, "\(errors)", sourceLocation: sourceLocation)
    #expect(errors.contains("[\(code)]"), "\(errors)", sourceLocation: sourceLocation)
    for text in says {
      let wanted = place.filled(text)
      #expect(errors.contains(wanted), "\(wanted) is not in: \(errors)", sourceLocation: sourceLocation)
    }
    #expect(try place.state() == before, sourceLocation: sourceLocation)
    #expect(try place.files() == files, "something was left behind", sourceLocation: sourceLocation)
  }
}

/// A folder with a small store, copied from one that is made once.
final class BadInputPlace {
  let folder: Folder
  var store: String { folder("s.loam") }

  struct State: Equatable {
    var version: UInt64
    var root: String
    var problems: [String]
  }

  init() throws {
    folder = try Folder()
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.template.path) {
      try FileManager.default.copyItem(atPath: Self.template(name), toPath: folder(name))
    }
  }

  /// The latest version's number and root, and what `verify` finds.
  func state(of path: String? = nil) throws -> State {
    let store = try Store.open(at: path ?? store, for: .read)
    defer { store.close() }
    let record = try store.snapshot().record
    return State(version: record.version, root: record.root.description, problems: try store.verify().problems)
  }

  /// What lies in the folder, beside the store's own files.
  func files() throws -> Set<String> {
    Set(try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix("s.loam/") })
  }

  func filled(_ text: String) -> String { text.replacing("$", with: folder.path) }

  func run(_ arguments: [String]) throws -> CommandLineProgram.Outcome {
    try CommandLineProgram.run(arguments.map(filled))
  }

  /// Runs a command that must succeed.
  func prepare(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
    try prepare(arguments, sourceLocation: sourceLocation)
  }

  func prepare(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)", sourceLocation: sourceLocation)
  }

  static let schema = """
    schema: 1
    name: shop
    format: csv
    event_time: {column: time, unit: seconds}
    labels: [click]
    dense: [price]
    ids:
      - {name: user, kind: integer}
      - item
    timelines:
      - {name: user, entity: user, fields: [item, price]}

    """

  static let config = """
    model: deepfm
    name: ctr
    label: click
    train: train
    fields: {dimension: 4}
    network: {hidden: [8]}
    batch_size: 64
    epochs: 1
    seed: 5

    """

  static let header = "time,click,price,user,item\n"

  static func rows(_ count: Int, items: Int = 11) -> String {
    (0..<count).map { row in
      let user = row * 7_919 % max(13, count / 2)
      return "\(1_700_000_000 + row),\(row % 2),\(Double(row % 7) + 0.5),\(user),item\(row * row % items)\n"
    }.joined()
  }

  private static let template: Folder = {
    do {
      let folder = try Folder()
      try folder.write(schema, to: "schema.yaml")
      try folder.write(config, to: "model.yaml")
      try folder.write(header + rows(120), to: "train.csv")
      for arguments in [
        ["init", folder("s.loam"), "--schema", folder("schema.yaml")],
        ["ingest", folder("s.loam"), folder("train.csv")],
        ["train", folder("s.loam"), "--config", folder("model.yaml")],
        ["freeze", folder("s.loam"), "--as", "first"],
      ] {
        let outcome = try CommandLineProgram.run(arguments)
        precondition(outcome.status == 0, outcome.errors)
      }
      // Never let go: the process ends with it.
      atexit { BadInputPlace.removeTemplate() }
      return folder
    } catch { fatalError("\(error)") }
  }()

  private static func removeTemplate() { try? FileManager.default.removeItem(atPath: template.path) }
}
