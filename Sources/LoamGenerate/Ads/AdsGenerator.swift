import Foundation

/// A log of ad impressions with planted effects, so that a model can be judged against the best possible.
///
/// The click probability is known: biases of user, item, campaign and advertiser; four latent factors of user and
/// item; hour, price, position, slot, device; how many of the last clicked items are of the item's category.
/// A conversion is rare, follows a click, and is known hours later.
///
/// ```swift
/// let oracle = try AdsGenerator(rows: 500_000, seed: 1).write(to: "ads")
/// print(oracle.valid.click.auc)
/// ```
///
/// The same rows and seed give the same bytes.
public struct AdsGenerator: Sendable {
  public static let historyLength = 10
  /// Share of the rows, first in time, that are written to `train.csv`.
  public static let trainShare = 0.8
  /// Fewer make no meaningful oracle; more do not fit the clock.
  public static let rowLimits = 100...10_000_000_000

  public let rows: Int
  public let seed: UInt64

  /// Throws: `generate.bad-rows`.
  public init(rows: Int, seed: UInt64) throws(GenerateError) {
    guard Self.rowLimits.contains(rows) else {
      throw GenerateError(.badRows, "expected 100 ... 10,000,000,000 rows, found \(rows)")
    }
    self.rows = rows
    self.seed = seed
  }

  public var trainRows: Int { Int(Double(rows) * Self.trainShare) }

  /// Calls `body` with each row in time order, and returns what the truth reaches.
  @discardableResult
  public func forEachRow<Failure: Error>(
    _ body: (_ index: Int, _ row: AdsRow) throws(Failure) -> Void
  ) throws(Failure) -> AdsOracle {
    var simulation = AdsSimulation(rows: rows, seed: seed)
    var train = AdsOracleTally()
    var valid = AdsOracleTally()
    var row = AdsRow()
    for index in 0..<rows {
      simulation.next(&row)
      if index < trainRows { train.add(row) } else { valid.add(row) }
      try body(index, row)
    }
    let world = simulation.world
    return AdsOracle(
      rows: rows, seed: seed, users: world.userCount, items: world.itemCount, advertisers: world.advertiserCount,
      campaigns: world.campaignCount, train: train.part, valid: valid.part)
  }

  /// Writes `train.csv`, `valid.csv` (the last 20 % by time), `schema.yaml` and `oracle.json`.
  ///
  /// `progress` gets the rows written so far. Throws: `generate.io`.
  @discardableResult
  public func write(
    to directory: String, progress: (Int) -> Void = { _ in }
  ) throws(GenerateError) -> AdsOracle {
    do { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) } catch {
      throw GenerateError(.io, "cannot make the directory \(directory): \(error.localizedDescription)")
    }
    let flushBytes = 1 << 20
    let header = Array((AdsLine.columns + "\n").utf8)
    let files = (
      train: try GeneratedFile("\(directory)/train.csv"), valid: try GeneratedFile("\(directory)/valid.csv")
    )
    var text = ByteText(capacity: flushBytes + 4_096)
    text.append(header)
    let oracle = try forEachRow { (index, row) throws(GenerateError) in
      if index == trainRows {
        try files.train.write(text.bytes)
        text.removeAll()
        text.append(header)
      }
      AdsLine.append(row, to: &text)
      if text.count >= flushBytes {
        try (index < trainRows ? files.train : files.valid).write(text.bytes)
        text.removeAll()
        progress(index + 1)
      }
    }
    try files.valid.write(text.bytes)
    try files.train.finish()
    try files.valid.finish()
    try write(Array(AdsSchema.yaml.utf8), to: "\(directory)/schema.yaml")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let json = try? encoder.encode(oracle) else { preconditionFailure("an oracle has finite numbers only") }
    try write(Array(json) + [UInt8(ascii: "\n")], to: "\(directory)/oracle.json")
    progress(rows)
    return oracle
  }

  private func write(_ bytes: [UInt8], to path: String) throws(GenerateError) {
    let file = try GeneratedFile(path)
    try file.write(bytes)
    try file.finish()
  }
}
