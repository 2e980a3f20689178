import ArgumentParser
import LoamExport
import LoamPack
import LoamStore

struct Export: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model, or what changed since a version, into a directory.",
    discussion: """
      safetensors: a file for each embedding table with ids, rows and dictionary, one for the dense tensors, a manifest \
      with schema, config, metrics and the SHA-256 of each file, and a model card. The directory appears whole or not \
      at all; 'loam verify DIR' checks it.

      pack: one file to serve from, mapped by Loam, by C and C++ (loam_pack.h) and by Python, with a manifest that may be \
      signed.

      delta: what turns version --since into version --at, all tables, for 'loam apply' on another store.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case safetensors, pack, delta }

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The model; not needed where the version has only one.")
  var model: String?
  @Option(help: "How to write it.")
  var format = Format.safetensors
  @Option(help: "Of a delta: the version that it begins with, a number, tag or alias.")
  var since: String?
  @Option(help: "Of a delta: the one that it follows, which ends where this one begins.", completion: .directory)
  var previous: String?
  @Option(name: [.customShort("o"), .customLong("output")], help: "The directory to make.", completion: .directory)
  var directory: String
  @Option(help: "An SPDX identifier for the model card.")
  var license: String?
  @Flag(help: "Write NaN and infinities as they are instead of refusing them.")
  var allowNonfinite = false
  @OptionGroup var pack: PackArguments
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try pack.validate(isPack: format == .pack)
    if format == .pack, license != nil { throw ValidationError("a pack has no model card: it takes no --license") }
    if format == .delta, model != nil || license != nil || allowNonfinite {
      throw ValidationError("a delta holds every table as it is: it takes no --model, --license, --allow-nonfinite")
    }
    if format == .delta, since == nil, previous == nil {
      throw ValidationError("a delta asks for --since VERSION, or for --previous DIR, to go on from another delta")
    }
    if format != .delta, since != nil || previous != nil {
      throw ValidationError("--since and --previous belong to --format delta")
    }
  }

  func answer(_ console: Console) throws -> ExportAnswer {
    let snapshot = try place.snapshot()
    if format == .delta {
      return .delta(try DeltaExport(since: since, previous: previous, directory: directory).answer(snapshot))
    }
    let model = try snapshot.onlyModel(model)
    var name: String?
    if case .name(let text) = VersionReference(place.at) { name = text }
    if format == .pack {
      let options = try pack.options(name: name, allowsNonfinite: allowNonfinite)
      let manifest = try PackExporter.export(snapshot, model: model, to: directory, options: options)
      return .model(Exported(directory: directory, pack: manifest, isSigned: options.signingKey != nil))
    }
    let manifest = try Exporter.export(
      snapshot, model: model, to: directory,
      options: ExportOptions(name: name, allowsNonfinite: allowNonfinite, license: license))
    return .model(Exported(directory: directory, manifest: manifest))
  }
}

struct Exported: Report {
  struct File: Encodable {
    var name: String
    var bytes: Int
    var sha256: String
    /// Rows of an embedding table.
    var rows: Int?
    var dimension: Int?
  }
  var directory: String
  var model: String
  var version: UInt64
  var files: [File]
  /// Of a pack that was signed.
  var signature: String?
  var isAnswer: Bool { false }

  init(directory: String, manifest: ExportManifest) {
    self.directory = directory
    model = manifest.model
    version = manifest.version
    files = manifest.files.map { file in
      let table = manifest.tables.first { $0.file == file.name }
      return File(
        name: file.name, bytes: file.bytes, sha256: file.sha256, rows: table?.rows, dimension: table?.dimension)
    }
  }

  init(directory: String, pack: PackManifest, isSigned: Bool) {
    self.directory = directory
    model = pack.model
    version = pack.version
    files = [
      File(
        name: FrozenPack.fileName, bytes: pack.bytes, sha256: pack.sha256, rows: pack.tables.reduce(0) { $0 + $1.rows })
    ]
    signature = isSigned ? PackPublicKey.signatureFileName : nil
  }

  var page: Page {
    var page = Page(.title("Model \(model), version \(version), in \(directory)"))
    var table = Table(.text("file"), .number("size"), .number("rows"), .number("dimension"), .text("SHA-256"))
    for file in files {
      table.add(
        file.name, Quantity.bytes(file.bytes), file.rows.map { Quantity.count($0) } ?? "",
        file.dimension.map { "\($0)" } ?? "", String(file.sha256.prefix(16)) + "…")
    }
    table.add(ExportManifest.fileName, "", "", "", "names all the others")
    if let signature { table.add(signature, "", "", "", "signs the manifest") }
    page.add(.table(table))
    page.add(.hint("loam verify \(directory)"))
    return page
  }
}
