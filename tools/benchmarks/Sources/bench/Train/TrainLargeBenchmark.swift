import Foundation
import Loam
import LoamSchema
import LoamStore

/// A table far larger than the memory that its changes may take, trained from its first row on.
///
/// ```
/// log "arriving"   every ID once, in order: each is admitted, and trained for the first time
/// log "zipf"       IDs all over the table, zipf(1.15)
/// ```
struct TrainLargeBenchmark: Benchmark {
  let name = "train-large"
  let title = "rows of 32 f32 with Adam's two and a weight with its own, FM, 1/16 for changed blocks, 4 IDs a sample"

  /// A sixteenth of the table's bytes: 512 MB for 20 M rows.
  private static func budget(rows: Int) -> Int { rows * 128 / 5 }
  private static let fields = 4
  private static let batch = 4_096
  private static let zipfBatches = 8
  private static let schema = Schema(
    name: "bench", format: RecordFormat(kind: .csv), labels: [.init(name: "click")],
    ids: (0..<fields).map { .init(name: "c\($0)", kind: .integer, space: "item") })

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let logs = "\(options.scratch)/train-large-\(options.rows)"
    try FileManager.default.createDirectory(atPath: options.scratch, withIntermediateDirectories: true)
    try Self.build(at: logs, rows: options.rows)
    var (arriving, zipf, memory, bytes) = (Rounds(), Rounds(), Rounds(), Rounds())
    // A round is a table of its own size on the disk.
    for _ in 0..<min(options.rounds, 1) {
      try BuiltStore.copy(logs, to: "\(logs).trained")
      defer { try? FileManager.default.removeItem(atPath: "\(logs).trained") }
      let before = try DiskWrites.bytes()
      let most = try AnonymousMemory.most {
        let rates = try Self.rowsPerSecond("\(logs).trained", rows: options.rows)
        arriving.loam.append(rates[0])
        zipf.loam.append(rates[1])
      }
      memory.loam.append(Double(most) / Double(Self.budget(rows: options.rows)))
      bytes.loam.append(Double(try DiskWrites.bytes() - before) / Double(options.rows) / Double(Self.rowBytes))
    }
    add(Measurement(name, "every row once, admitted", threads: 2, n: options.rows, unit: "rows/s", arriving))
    add(Measurement(name, "zipf(1.15)", threads: 2, n: options.rows, unit: "rows/s", zipf))
    add(Measurement(name, "memory", threads: 2, n: options.rows, unit: "of the budget", memory))
    add(Measurement(name, "written", threads: 2, n: options.rows, unit: "of the table", bytes))
  }

  /// Vector and weight with Adam's two each, last step, count and ID.
  private static let rowBytes = 3 * 33 * 4 + 3 * 8

  /// Of the two logs, by the wall, without the version at the end. A row that a step names twice counts twice.
  private static func rowsPerSecond(_ path: String, rows: Int) throws -> [Double] {
    let store = try Store.open(at: path, for: .write)
    defer { store.close() }
    let config = try ModelConfig(
      yaml: """
        {model: fm, name: large, label: click, train: [arriving, zipf], batch_size: \(batch), epochs: 1, shuffle: false,
         fields: {dimension: 32, deviation: 0.01}, dirty_memory: \(budget(rows: rows)),
         optimizer: {tables: {kind: adam, rate: 0.001}, dense: {kind: adam, rate: 0.001}}}
        """, file: "bench", schema: schema)
    let first = (rows / fields + batch - 1) / batch
    var (start, middle, end) = (Clock.wallSeconds(), 0.0, 0.0)
    let report = try Trainer(store: store, schema: schema, config: config, threads: 2).run { progress in
      guard case .step(_, let step, let steps, _, _) = progress else { return }
      if step == 1 { start = Clock.wallSeconds() }
      if step == first { middle = Clock.wallSeconds() }
      if step == steps { end = Clock.wallSeconds() }
    }
    guard report.end == .epochsDone, middle > 0, end > middle else { throw Failure("the run ended early") }
    return [
      Double((first - 1) * batch * fields) / (middle - start),
      Double(zipfBatches * batch * fields) / (end - middle),
    ]
  }

  private static func build(at path: String, rows: Int) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    note("building \(path)")
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    let store = try Store.create(at: partial)
    var next: UInt64 = 0
    try write("arriving", rows / fields, store) {
      next += 1
      return ID(next - 1)
    }
    var random = Draw(seed: 1)
    try write("zipf", zipfBatches * batch, store) {
      // Neighbours in frequency are none in the table.
      ID(random.zipf(1.15) &* 0x9E37_79B9_7F4A_7C15 % UInt64(rows))
    }
    store.close()
    try FileManager.default.moveItem(atPath: partial, toPath: path)
  }

  private static func write(_ log: String, _ samples: Int, _ store: Store, _ id: () -> ID) throws {
    let spec = TableSpec(TableName(.log, log))
    let write = try store.begin([spec])
    let writer = try FeatureLogWriter(write, spec)
    var random = Draw(seed: 2)
    for first in stride(from: 0, to: samples, by: FeatureLogWriter.rowsPerGroup) {
      let count = min(FeatureLogWriter.rowsPerGroup, samples - first)
      var columns = [CodedIDs](repeating: CodedIDs(), count: fields)
      var places = [[ID: UInt32]](repeating: [:], count: fields)
      for _ in 0..<count {
        for field in 0..<fields {
          let id = id()
          let place = places[field][id] ?? UInt32(columns[field].distinct.count)
          if places[field].updateValue(place, forKey: id) == nil { columns[field].distinct.append(id) }
          columns[field].codes.append(place)
        }
      }
      var group = RowGroup(rowCount: count)
      for field in 0..<fields { group.columns["id/c\(field)"] = .ids(columns[field]) }
      group.columns["label/click"] = .real((0..<count).map { _ in random.uniform() < 0.25 ? 1 : 0 })
      try writer.append(group)
    }
    try writer.flush()
    try write.publish()
  }
}
