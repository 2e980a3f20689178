import Foundation
import Loam
import LoamKernels

/// Packs made of a store's table, opened, and read beside the store.
struct PackBenchmark: Benchmark {
  let name = "pack"
  let title = "a frozen pack of rows of 16 f32 beside the store that it was made from, page cache warm"

  private static let slices = 8

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/lookup-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try LookupTable.build(at: "\(scratch)/store", rows: options.rows)
    try PageCache.fill("\(scratch)/store")
    try Self.addModel(to: "\(scratch)/store")
    let store = try Store.open(at: "\(scratch)/store", for: .read)
    defer { store.close() }
    let draws = [
      try Draws.uniform(options.rows, scratch: scratch),
      try Draws.zipf(options.rows, exponent: 1.1, scratch: scratch),
    ]
    for type in [PackType.f32, .i8] {
      let path = "\(scratch)/\(type.name).pack"
      defer { try? FileManager.default.removeItem(atPath: path) }
      try build(store, at: path, type, options, add)
      try PageCache.fill(path)
      if type == .f32 { try opening(path, options, add) }
      let pack = try FrozenPack(at: path)
      for draws in draws {
        let stored = try LookupRounds(try LookupTable(store), draws)
        let packed = try PackRounds(try pack.table("lookup"), at: path, draws, isExact: type == .f32)
        try beside("\(draws.name) \(type.name)", options, add, packed.seconds(from:count:), stored.seconds(from:count:))
        if type == .f32 {
          try beside(
            "\(draws.name) f32, C header", options, add, packed.secondsByHeader(from:count:),
            stored.seconds(from:count:))
        }
      }
    }
  }

  /// What an export wants beside the table: a model that has it.
  private static func addModel(to path: String) throws {
    let spec = TableSpec(TableName(.model, "bench"))
    let store = try Store.open(at: path, for: .write)
    defer { store.close() }
    guard try store.snapshot().spec(spec.name) == nil else { return }
    let definition = ModelDefinition(
      name: "bench", architecture: "lr", labels: ["label"], fields: [.init(name: "lookup", table: 0)],
      tables: [.init(space: "lookup", dimension: LookupTable.width, hasWeight: false)], options: [:])
    let write = try store.begin([spec])
    let blobs = try BlobWriter(write, spec)
    blobs.set("definition", try [UInt8](JSONEncoder().encode(definition)))
    blobs.set("tensors", Array("[]".utf8))
    try blobs.flush()
    try write.publish()
  }

  private func build(
    _ store: Store, at path: String, _ type: PackType, _ options: Options, _ add: (Measurement) -> Void
  ) throws {
    try? FileManager.default.removeItem(atPath: path)
    note("building \(path)")
    let start = Clock.wallSeconds()
    try PackExporter.export(try store.snapshot(), model: "bench", to: path, options: .init(type: type))
    var rounds = Rounds()
    rounds.loam = [Double(options.rows) / (Clock.wallSeconds() - start)]
    add(Measurement(name, "built \(type.name), digest and sync included", n: options.rows, unit: "rows/s", rounds))
  }

  /// From a closed pack to its first row.
  private func opening(_ path: String, _ options: Options, _ add: (Measurement) -> Void) throws {
    var (swift, c) = (Rounds(), Rounds())
    var row = [Float](repeating: -1, count: LookupTable.width)
    let ids = [Draws.id(7)]
    for _ in 0..<options.rounds + 1 {
      var start = Clock.wallSeconds()
      let items = try FrozenPack(at: path).table("lookup")
      try ids.withUnsafeBufferPointer { ids in
        try row.withUnsafeMutableBufferPointer { items.lookup(ids, column: try items.column("vector"), into: $0) }
      }
      swift.loam.append((Clock.wallSeconds() - start) * 1e3)
      guard row[15] == 7 else { throw Failure("the row is wrong") }

      row[15] = -1
      start = Clock.wallSeconds()
      var pack = loam_pack()
      var (table, column) = (loam_pack_table(), loam_pack_column())
      guard loam_pack_open(&pack, "\(path)/\(FrozenPack.fileName)") == loam_pack_ok,
        loam_pack_table_named(&pack, "lookup", &table) != 0, loam_pack_column_named(&table, "vector", &column) != 0
      else { throw Failure("the C header does not open \(path)") }
      loam_pack_lookup(&column, ids, 1, UInt32.max, &row)
      c.loam.append((Clock.wallSeconds() - start) * 1e3)
      loam_pack_close(&pack)
      guard row[15] == 7 else { throw Failure("the row is wrong") }
    }
    // The first are of a process that has done nothing yet.
    swift.loam.removeFirst()
    c.loam.removeFirst()
    add(Measurement(name, "open", n: options.rows, unit: "ms", swift, .atMost(10)))
    add(Measurement(name, "open, C header", n: options.rows, unit: "ms", c, .atMost(10)))
  }

  private func beside(
    _ variant: String, _ options: Options, _ add: (Measurement) -> Void,
    _ packed: @escaping (_ from: Int, _ count: Int) throws -> Double,
    _ stored: @escaping (_ from: Int, _ count: Int) throws -> Double
  ) throws {
    let slice = Draws.batches / Self.slices
    let rounds = try Rounds.inTurn(
      options.rounds, rows: Self.slices * (slice - 1) * Draws.batch, slices: Self.slices,
      loam: { try packed($0 * slice, slice - 1) }, peer: { try stored($0 * slice, slice - 1) })
    var measurement = Measurement(name, variant, n: options.rows, unit: "rows/s", rounds, .ratio(1))
    (measurement.peer, measurement.peerSettings) = ("loam", "the store, f32, same IDs")
    add(measurement)
  }
}
