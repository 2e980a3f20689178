import Foundation
import LoamSchema
import LoamStore

/// A log of Criteo's shape: 26 ID fields by Zipf draws, 13 dense ones, a click.
struct TrainLog {
  static let fields = 26
  static let dense = 13
  /// How many IDs each field has, and the share of rows that lack one.
  struct Shape {
    var name: String
    var exponent: Double
    var ids: [Int]
    var missing = 0.0

    /// As many IDs in each field.
    static let even = Shape(name: "even", exponent: 1.2, ids: .init(repeating: 5_000_000 / fields, count: fields))
    /// From three IDs to two millions, as the Criteo logs have them.
    static let criteo = Shape(
      name: "criteo", exponent: 1.15,
      ids: [
        1460, 583, 2_000_000, 1_000_000, 305, 24, 12517, 633, 3, 93145, 5683, 1_800_000, 3194, 27, 14992, 1_200_000, 10,
        5652, 2173, 4, 1_600_000, 18, 15, 286_181, 105, 142_572,
      ], missing: 0.05)
  }

  static let schema = Schema(
    name: "bench", format: RecordFormat(kind: .csv), labels: [.init(name: "click")],
    dense: (0..<dense).map { .init(name: "x\($0)") },
    ids: (0..<fields).map { .init(name: "c\($0)", kind: .integer) })

  /// Builds the store where it is not there yet.
  static func build(at path: String, rows: Int, _ shape: Shape) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    note("building \(path)")
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    let store = try Store.create(at: partial)
    let spec = TableSpec(TableName(.log, "train"))
    let write = try store.begin([spec])
    let log = try FeatureLogWriter(write, spec)
    var random = Draw(seed: 1)
    for first in stride(from: 0, to: rows, by: 32_768) {
      try log.append(group(min(32_768, rows - first), shape, &random))
    }
    try log.flush()
    try write.publish()
    store.close()
    try FileManager.default.moveItem(atPath: partial, toPath: path)
  }

  private static func group(_ rows: Int, _ shape: Shape, _ random: inout Draw) -> RowGroup {
    var group = RowGroup(rowCount: rows)
    for field in 0..<fields {
      var ids = CodedIDs()
      var places: [ID: UInt32] = [:]
      for _ in 0..<rows {
        let id = ID(random.zipf(shape.exponent) % UInt64(shape.ids[field]))
        if shape.missing > 0, random.uniform() < shape.missing {
          ids.codes.append(CodedIDs.missing)
          continue
        }
        let place = places[id] ?? UInt32(ids.distinct.count)
        if places.updateValue(place, forKey: id) == nil { ids.distinct.append(id) }
        ids.codes.append(place)
      }
      group.columns["id/c\(field)"] = .ids(ids)
    }
    for field in 0..<dense { group.columns["dense/x\(field)"] = .real((0..<rows).map { _ in random.normal() }) }
    group.columns["label/click"] = .real((0..<rows).map { _ in random.uniform() < 0.25 ? 1 : 0 })
    return group
  }
}

/// SplitMix64, and the draws made of it.
struct Draw {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func normal() -> Float {
    Float((-2 * log(1 - uniform())).squareRoot() * cos(2 * Double.pi * uniform()))
  }

  /// P(k) ~ k^-exponent, k from 1, by rejection (Devroye, "Non-uniform random variate generation", X.6).
  mutating func zipf(_ exponent: Double) -> UInt64 {
    let power = exponent - 1, b = pow(2, power)
    while true {
      let x = pow(1 - uniform(), -1 / power).rounded(.down)
      guard x < 1e18 else { continue }
      let t = pow(1 + 1 / x, power)
      if uniform() * x * (t - 1) / (b - 1) <= t / b { return UInt64(x) }
    }
  }
}
