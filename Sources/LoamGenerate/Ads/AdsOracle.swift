/// What the true probabilities reach on a generated log: the ceiling that a model is judged against.
public struct AdsOracle: Sendable, Equatable, Codable {
  public struct Part: Sendable, Equatable, Codable {
    public var click: OracleScore
    /// Over clicked rows only.
    public var conversionAfterClick: OracleScore

    enum CodingKeys: String, CodingKey {
      case click
      case conversionAfterClick = "conversion_after_click"
    }
  }
  public var rows: Int
  public var seed: UInt64
  public var users: Int
  public var items: Int
  public var advertisers: Int
  public var campaigns: Int
  /// The first 80 % by time.
  public var train: Part
  /// The last 20 % by time.
  public var valid: Part
}

struct AdsOracleTally {
  private var click = OracleTally()
  private var conversion = OracleTally()

  mutating func add(_ row: AdsRow) {
    click.add(row.clickProbability, row.click)
    if row.click { conversion.add(row.conversionProbability, row.conversion) }
  }

  var part: AdsOracle.Part { .init(click: click.score, conversionAfterClick: conversion.score) }
}
