import ArgumentParser
import LoamImport
import LoamSchema
import LoamStore

struct Import: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring vectors made elsewhere into a table: safetensors, npy, npz, word2vec, GloVe, CSV.",
    discussion: """
      The table is frozen: no model trains it; lookups, 'similar' and views read it. With --trainable the rows go into \
      the table of a model whose training then goes on from them. The file is read whole and checked before anything is \
      begun; all of it is one version. With --model instead of --table, the dense tensors of a model are set by name, \
      from safetensors.
      """)

  @OptionGroup var path: StoreArgument
  @Option(help: "NAME/SPACE: a name of your choice, and the ID space of the rows.")
  var table: String?
  @Option(help: "The model whose dense tensors are set.")
  var model: String?
  @Option(help: "The file; npy and texts may be gzip or zstd.", completion: .file())
  var from: String
  @Option(help: "\(ImportFormat.allCases.map(\.rawValue).joined(separator: ", ")); by name and content if not given.")
  var format: ImportFormat?
  @Option(help: "The tensor (safetensors) or array (npz) of vectors, where there are several.")
  var tensor: String?
  @Option(
    help: "IDs of an array's rows: 'row' for row numbers, a tensor or array of the file, or a file: one a line, or npy."
  )
  var ids: String?
  @Option(help: "csv and tsv: the column of IDs; the first where not given.")
  var idColumn: String?
  @Option(help: "What the file calls the row that a model reads for an absent ID.")
  var missing: String?
  @Option(help: "What it calls the row for an unknown ID.")
  var unknown: String?
  @Option(help: "f32, f16, bf16 or i8; as the file has it where not given.")
  var type: ImportedType?
  @Option(help: "NaN, infinities, overflow: refuse them, keep them, or skip their rows.")
  var nonfinite = ImportOptions.Nonfinite.refuse
  @Flag(help: "Set rows of a model's table; their optimizer begins again.")
  var trainable = false
  @Flag(help: "A frozen table of this name gives way; versions keep it.")
  var replace = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (table == nil) != (model == nil) else { throw ValidationError("say either --table NAME/SPACE or --model M") }
    let ofTables: [Any?] = [format, tensor, ids, idColumn, missing, unknown, type]
    if model != nil, trainable || replace || nonfinite != .refuse || ofTables.contains(where: { $0 != nil }) {
      throw ValidationError("dense tensors take no other options than --from")
    }
  }

  func answer(_ console: Console) throws -> ImportAnswer {
    let store = try path.open(for: .write)
    guard let table else { return .tensors(try DenseImporter(store, model: model!).run(from), from: from) }
    let options = ImportOptions(
      table: table, isTrainable: trainable, replaces: replace, format: format, tensor: tensor, ids: idOrigin,
      idColumn: idColumn, missing: missing, unknown: unknown, type: type?.stored, nonfinite: nonfinite)
    let bar = console.progress("import \(table)", unit: "rows")
    defer { bar.clear() }
    let report = try Importer(store, options).run(from) { state in
      bar.update(state.rows, total: state.rowsTotal, note: state.phase.rawValue)
    }
    return .rows(Imported(store: path.store, from: from, report))
  }

  /// A word with a slash or a dot is a path; another one names what is in the file.
  private var idOrigin: ImportOptions.IDs {
    guard let ids else { return .own }
    if ids == "row" { return .rowNumbers }
    return ids.contains("/") || ids.contains(".") ? .file(ids) : .named(ids)
  }
}

enum ImportedType: String, CaseIterable, ExpressibleByArgument {
  case f32, f16, bf16, i8

  var stored: DataType {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .i8: .i8
    }
  }
}

extension ImportFormat: ExpressibleByArgument {}
extension ImportOptions.Nonfinite: ExpressibleByArgument {}

/// Rows of a table, or tensors of a model.
enum ImportAnswer: Report {
  case rows(Imported)
  case tensors(DenseImporter.Report, from: String)

  var isAnswer: Bool { false }

  private enum CodingKeys: String, CodingKey { case from, version, set, kept }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .rows(let imported): try imported.encode(to: encoder)
    case .tensors(let report, let from):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(from, forKey: .from)
      try container.encode(report.version, forKey: .version)
      try container.encode(report.set, forKey: .set)
      try container.encode(report.kept, forKey: .kept)
    }
  }

  var page: Page {
    switch self {
    case .rows(let imported): return imported.page
    case .tensors(let report, let from):
      var page = Page(
        .title("\(Quantity.count(report.set.count, "tensor")) set from \(from), version \(report.version)"))
      if !report.kept.isEmpty { page.facts(("not in the file", report.kept.joined(separator: ", "))) }
      return page
    }
  }
}

struct Imported: Report {
  var store: String
  var table: String
  var from: String
  var format: ImportFormat
  var version: UInt64
  var rows: Int
  var dimension: Int
  var type: String
  var convertedFrom: String?
  var skipped: Int
  var nonfinite: Int
  var vectorRoot: String
  var seconds: Double
  var isAnswer: Bool { false }

  init(store: String, from: String, _ report: ImportReport) {
    (self.store, self.from) = (store, from)
    (table, format, version) = (report.table, report.format, report.version)
    (rows, dimension, type) = (report.rows, report.dimension, "\(report.type)")
    (convertedFrom, skipped, nonfinite) = (report.convertedFrom, report.skipped, report.nonfinite)
    (vectorRoot, seconds) = (report.vectorRoot.description, report.seconds)
  }

  var page: Page {
    let rate = seconds > 0 ? ", " + Quantity.rate(Double(rows) / seconds, "rows") : ""
    var page = Page(.title("\(Quantity.count(rows, "row")) into \(table) in \(Quantity.seconds(seconds))\(rate)"))
    page.facts(
      ("vectors", "\(dimension) x \(type)" + (convertedFrom.map { " from \($0)" } ?? "")), ("version", "\(version)"),
      ("root of the vectors", vectorRoot))
    if skipped > 0 { page.facts(("rows left out", Quantity.count(skipped))) }
    if nonfinite > 0 { page.facts(("numbers not finite", Quantity.count(nonfinite))) }
    page.add(.hint("loam lookup \(store) --table \(table) --id ID   loam similar \(store) --table \(table) --id ID"))
    return page
  }
}
