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
      begun; all of it is one version.
      """)

  @OptionGroup var path: StoreArgument
  @Option(help: "NAME/SPACE: a name of your choice, and the ID space of the rows.")
  var table: String
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

  func answer(_ console: Console) throws -> Imported {
    let store = try path.open(for: .write)
    let options = ImportOptions(
      table: table, isTrainable: trainable, replaces: replace, format: format, tensor: tensor, ids: idOrigin,
      idColumn: idColumn, missing: missing, unknown: unknown, type: type?.stored, nonfinite: nonfinite)
    let bar = console.progress("import \(table)", unit: "rows")
    defer { bar.clear() }
    let report = try Importer(store, options).run(from) { state in
      bar.update(state.rows, total: state.rowsTotal, note: state.phase.rawValue)
    }
    return Imported(store: path.store, from: from, report)
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
