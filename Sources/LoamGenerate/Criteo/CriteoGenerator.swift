import Foundation

/// A log in the shape of Criteo's: label, 13 counts, 26 hashed categories, tab-separated, no header, holes.
///
/// For measuring ingest and training speed on the usual shape, not for judging a model: four of the fields carry
/// the label's whole signal. Cardinalities are those of the Kaggle challenge. Zipf exponent 1.1.
public struct CriteoGenerator: Sendable {
  public static let cardinalities = [
    1_460, 583, 2_000_000, 1_000_000, 305, 24, 12_517, 633, 3, 93_145, 5_683, 1_800_000, 3_194, 27, 14_992, 1_200_000,
    10, 5_652, 2_173, 4, 1_600_000, 18, 15, 286_181, 105, 142_572,
  ]
  static let denseCount = 13
  static let missingDense = 0.1
  static let missingCategory = 0.05
  private static let signalFields = [0, 1, 5, 8]

  public let rows: Int
  public let seed: UInt64

  /// Throws: `generate.bad-rows`.
  public init(rows: Int, seed: UInt64) throws(GenerateError) {
    guard (1...10_000_000_000).contains(rows) else {
      throw GenerateError(.badRows, "expected 1 ... 10,000,000,000 rows, found \(rows)")
    }
    self.rows = rows
    self.seed = seed
  }

  /// Writes one file. `progress` gets the rows written so far. Throws: `generate.io`.
  public func write(toFile path: String, progress: (Int) -> Void = { _ in }) throws(GenerateError) {
    let file = try GeneratedFile(path)
    let flushBytes = 1 << 20
    var text = ByteText(capacity: flushBytes + 4_096)
    let random = CounterRandom(seed: seed, stream: 7)
    for index in 0..<rows {
      append(index, random, to: &text)
      if text.count >= flushBytes {
        try file.write(text.bytes)
        text.removeAll()
        progress(index + 1)
      }
    }
    try file.write(text.bytes)
    try file.finish()
    progress(rows)
  }

  private func append(_ index: Int, _ random: CounterRandom, to text: inout ByteText) {
    let tab = UInt8(ascii: "\t")
    var logit = -1.2
    for field in Self.signalFields {
      let rank = Self.rank(field, index, random)
      logit += (Double(CounterRandom.mix(UInt64(rank) << 8 | UInt64(field)) % 101) - 50) / 60
    }
    let probability = 1 / (1 + exp(-logit))
    text.append(random.unit(index, 0) < probability ? 1 : 0)
    for field in 0..<Self.denseCount {
      text.append(byte: tab)
      if random.unit(index, 100 + UInt64(field)) >= Self.missingDense {
        text.append(Int(19 * random.exponential(index, 120 + UInt64(field))))
      }
    }
    for field in Self.cardinalities.indices {
      text.append(byte: tab)
      if random.unit(index, 140 + UInt64(field)) >= Self.missingCategory {
        let rank = Self.rank(field, index, random)
        text.append(
          hexadecimal: UInt32(truncatingIfNeeded: CounterRandom.mix(UInt64(field) << 40 | UInt64(rank))))
      }
    }
    text.append(byte: UInt8(ascii: "\n"))
  }

  /// A rank below the field's cardinality, by the continuous inverse of Zipf's distribution function:
  /// F(x) = (1 - x^-0.1) / (1 - n^-0.1) for exponent 1.1, which needs no table of two million weights.
  private static func rank(_ field: Int, _ index: Int, _ random: CounterRandom) -> Int {
    let count = Double(cardinalities[field])
    let share = random.unit(index, 180 + UInt64(field)) * (1 - pow(count + 1, -0.1))
    return min(Int(pow(1 - share, -10)) - 1, cardinalities[field] - 1)
  }
}
