import Foundation
import LoamSchema
import LoamStore

/// What the ID index takes (docs/decisions, 0001): its load swings with the number of IDs, as all blocks are split at
/// about the same size.
struct IndexBenchmark: Benchmark {
  let name = "index"
  let title = "bytes of the index for each ID, 4 shards, random IDs, tables of 100,000 IDs to --rows"

  private static let spec = TableSpec(TableName(.embedding, "bench/index"))
  /// Sizes to each factor of ten, evenly in logarithm.
  private static let sizesADecade = 10.0
  /// A page of the map.
  private static let blockBytes = 4_096.0

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let path = "\(options.scratch)/index"
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: options.scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try Store.create(at: path)
    defer { store.close() }
    let write = try store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    var (bytes, loads) = ([Double](), [Double]())
    var count = 0
    for step in 0... {
      let size = Int(100_000 * pow(10, Double(step) / Self.sizesADecade))
      guard size <= options.rows else { break }
      let ids = (count..<size).map { Draws.id(UInt32($0)) }
      count = size
      var rows = [RowReference](repeating: .none, count: ids.count)
      try ids.withUnsafeBufferPointer { ids in
        try rows.withUnsafeMutableBufferPointer { try table.findOrInsert(ids, into: $0) }
      }
      try table.flush()
      try write.publish(PublishOptions(goOn: true))
      try table.rebase()
      let statistics = try IDTableReader(write.base, Self.spec.name)!.statistics()
      bytes.append(Double(statistics.indexBlocks) * Self.blockBytes / Double(size))
      loads.append(statistics.indexLoad)
      if step % 5 == 0 {
        add(Measurement(name, "\(size) IDs", n: size, unit: "bytes/ID", Rounds(loam: [bytes.last!])))
      }
    }
    guard !bytes.isEmpty else { throw Failure("the index benchmark wants at least 100,000 rows") }
    add(Measurement(name, "all sizes", n: count, unit: "bytes/ID", Rounds(loam: bytes)))
    add(Measurement(name, "load", n: count, unit: "of entries", Rounds(loam: loads)))
  }
}
