import ArgumentParser
import LoamExport
import LoamPack
import LoamStore

struct Export: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model, or what changed since a version, into a directory.",
    discussion: """
      safetensors: a file for each embedding table with ids, rows and dictionary. numpy, arrow, csv, jsonl: the tables \
      for programs that read no safetensors. onnx: the model as a graph, with vectors as inputs (network.onnx) and, \
      where it reads no sequences, with IDs as inputs and the tables inside (model.onnx). Beside them are the dense \
      tensors, requests from the validation log with the scores that the model gave, a manifest with schema, config, \
      metrics and the SHA-256 of each file, and a model card. The directory appears whole or not at all, and only where \
      the requests get the same scores from what was written; 'loam verify DIR' checks it.

      pack: one file to serve from, mapped by Loam, by C and C++ (loam_pack.h) and by Python, with a manifest that may be \
      signed.

      delta: what turns version --since into version --at, all tables, for 'loam apply' on another store.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case safetensors, onnx, numpy, arrow, csv, jsonl, pack, delta

    /// `nil`: not a part of a model's export.
    var part: ExportFormat? { ExportFormat(rawValue: rawValue) }
  }

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The model; not needed where the version has only one.")
  var model: String?
  @Option(help: "NAME/SPACE: one table alone, of a model or imported.")
  var table: String?
  @Option(parsing: .upToNextOption, help: "How to write it; a model in one or several ways.")
  var format = [Format.safetensors]
  @Option(help: "How vectors are stored in safetensors files and packs.")
  var dtype: RowForm?
  @Option(help: "Of onnx: the one form to write.")
  var form: GraphForm?
  @Option(help: "How many rows of the validation log to add as requests with scores.")
  var golden: Int?
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
    let (isDelta, isPack) = (format.contains(.delta), format.contains(.pack))
    if isDelta || isPack, format.count > 1 {
      throw ValidationError("a pack or a delta is a directory of its own: it takes no other --format")
    }
    try pack.validate(isPack: isPack)
    if isPack, license != nil || golden != nil {
      throw ValidationError("a pack has no model card and no requests: it takes no --license, --golden")
    }
    if isDelta, model != nil || license != nil || allowNonfinite || golden != nil {
      throw ValidationError(
        "a delta holds every table as it is: it takes no --model, --license, --allow-nonfinite, --golden")
    }
    if table != nil, isDelta || isPack || model != nil || golden != nil || format.contains(.onnx) {
      throw ValidationError("a table alone takes no --model and --golden, and is no onnx, pack or delta")
    }
    if dtype != nil, !isPack, !format.contains(.safetensors) {
      throw ValidationError("--dtype belongs to --format safetensors or pack")
    }
    if form != nil, !format.contains(.onnx) { throw ValidationError("--form belongs to --format onnx") }
    if let golden, !(0...100_000).contains(golden) { throw ValidationError("--golden is 0 to 100000") }
    if isDelta, since == nil, previous == nil {
      throw ValidationError("a delta asks for --since VERSION, or for --previous DIR, to go on from another delta")
    }
    if !isDelta, since != nil || previous != nil {
      throw ValidationError("--since and --previous belong to --format delta")
    }
  }

  func answer(_ console: Console) throws -> ExportAnswer {
    let snapshot = try place.snapshot()
    if format.contains(.delta) {
      return .delta(try DeltaExport(since: since, previous: previous, directory: directory).answer(snapshot))
    }
    var name: String?
    if case .name(let text) = VersionReference(place.at) { name = text }
    if format.contains(.pack) {
      let options = try pack.options(name: name, type: dtype ?? .f32, allowsNonfinite: allowNonfinite)
      let manifest = try PackExporter.export(
        snapshot, model: try snapshot.onlyModel(model), to: directory, options: options)
      return .model(Exported(directory: directory, pack: manifest, isSigned: options.signingKey != nil))
    }
    let options = ExportOptions(
      name: name, formats: Set(format.compactMap(\.part)), rows: dtype ?? .f32, graphs: form.map { [$0.form] },
      goldenRequests: golden ?? ExportOptions().goldenRequests, allowsNonfinite: allowNonfinite, license: license)
    let manifest =
      if let table {
        try Exporter.export(snapshot, table: table, to: directory, options: options)
      } else {
        try Exporter.export(snapshot, model: try snapshot.onlyModel(model), to: directory, options: options)
      }
    return .model(Exported(directory: directory, manifest: manifest))
  }
}

extension RowForm: ExpressibleByArgument {}

enum GraphForm: String, ExpressibleByArgument, CaseIterable {
  case network
  case selfContained = "self-contained"

  var form: ExportManifest.Graph.Form { self == .network ? .network : .selfContained }
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
  /// Of a log's scores, where vectors are not written as f32.
  var drift: ExportManifest.Drift?
  /// Of a pack that was signed.
  var signature: String?
  var isAnswer: Bool { false }

  init(directory: String, manifest: ExportManifest) {
    self.directory = directory
    model = manifest.model
    version = manifest.version
    drift = manifest.drift
    files = manifest.files.map { file in
      let table = manifest.tables.first { $0.fileNames.contains(file.name) }
      let rows = table.map { table in table.shards?.first { $0.file == file.name }?.rows ?? table.rows }
      return File(
        name: file.name, bytes: file.bytes, sha256: file.sha256, rows: rows, dimension: table?.dimension)
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
    if let drift {
      page.facts(
        (
          "scores of \(drift.log)",
          "off by \(Quantity.fixed(drift.mean, 6)) on average, \(Quantity.fixed(drift.largest, 6)) at most"
        ))
    }
    page.add(.hint("loam verify \(directory)"))
    return page
  }
}
