import Foundation
import Loam
import LoamStore

/// A table written to safetensors, read back, and asked for single rows.
struct ExportBenchmark: Benchmark {
  let name = "export"
  let title = "a table of 16 f32 to safetensors beside one file of the same bytes with fsync, and back"

  private static let table = "bench/lookup"
  private static let schema = "{schema: 1, name: bench, format: csv, labels: [y], ids: [{name: lookup, kind: integer}]}"
  private static let singleRows = 1_000

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/lookup-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try LookupTable.build(at: "\(scratch)/store", rows: options.rows)
    try PageCache.fill("\(scratch)/store")
    let store = try Store.open(at: "\(scratch)/store", for: .read)
    defer { store.close() }
    let directory = "\(scratch)/export"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    // Rows hold their numbers, beyond what f16 and the f16 scales of int8 reach.
    for form in [RowForm.f32, .bf16] {
      let manifest = try write(store, form, to: directory, options, add)
      if form == .f32 {
        try readBack(manifest, directory, at: "\(scratch)/back", options, add)
        try singleRows(directory, options, add)
      }
    }
  }

  private func write(
    _ store: Store, _ form: RowForm, to directory: String, _ options: Options, _ add: (Measurement) -> Void
  ) throws -> ExportManifest {
    var manifest: ExportManifest?
    let file = "\(directory)/table.lookup.safetensors"
    var bytes = 0
    func export() throws -> Double {
      try? FileManager.default.removeItem(atPath: directory)
      let start = Clock.wallSeconds()
      manifest = try Exporter.export(
        try store.snapshot(), table: Self.table, to: directory, options: ExportOptions(rows: form))
      let seconds = Clock.wallSeconds() - start
      bytes = manifest!.files.first { $0.name == "table.lookup.safetensors" }!.bytes
      return Double(bytes) / seconds
    }
    _ = try export()
    let rounds = try Rounds.inTurn(
      options.rounds, loam: export,
      peer: { Double(bytes) / (try DiskWrites.seconds(ofFile: file + ".peer", bytes: bytes)) })
    var measurement = Measurement(
      name, "to safetensors, \(form.rawValue)", threads: 2, n: options.rows, unit: "bytes/s", rounds,
      form == .f32 ? .ratio(0.6) : nil)
    (measurement.peer, measurement.peerSettings) = ("write", "one file of the same bytes, fsync")
    add(measurement)
    return manifest!
  }

  private func readBack(
    _ manifest: ExportManifest, _ directory: String, at path: String, _ options: Options, _ add: (Measurement) -> Void
  ) throws {
    try? FileManager.default.removeItem(atPath: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try Store.create(at: path)
    defer { store.close() }
    try store.setSchemaText(Self.schema)
    let start = Clock.wallSeconds()
    let report = try Importer(store, ImportOptions(table: "back/lookup")).run("\(directory)/table.lookup.safetensors")
    var rounds = Rounds()
    rounds.loam = [Double(report.rows) / (Clock.wallSeconds() - start)]
    guard report.vectorRoot.description == manifest.tables[0].vectorRoot else {
      throw Failure("another root comes back")
    }
    add(Measurement(name, "imported, to the same root", n: options.rows, unit: "rows/s", rounds))
  }

  /// The file is opened and asked for one row.
  private func singleRows(_ directory: String, _ options: Options, _ add: (Measurement) -> Void) throws {
    var random = Random(5)
    var times: [Double] = []
    for _ in 0..<Self.singleRows {
      let number = UInt32(random.below(options.rows))
      let start = Clock.wallSeconds()
      let row = try SafetensorsReader(at: "\(directory)/table.lookup.safetensors").row(of: Draws.id(number))
      times.append((Clock.wallSeconds() - start) * 1e9)
      guard row?.first == Float(number) else { throw Failure("row \(number) is wrong") }
    }
    var rounds = Rounds()
    rounds.loam = times
    var measurement = Measurement(name, "one row of the file, p50", n: options.rows, unit: "ns", rounds)
    measurement.spread = 0
    add(measurement)
  }
}
