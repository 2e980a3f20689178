/// One impression and what came of it.
public struct AdsRow: Sendable {
  public var timeMilliseconds: Int64 = 0
  public var user: UInt32 = 0
  public var item: UInt32 = 0
  public var campaign: UInt32 = 0
  public var advertiser: UInt32 = 0
  /// Index into `top`, `feed`, `sidebar`, `footer`.
  public var slot: Int = 0
  /// Index into `phone`, `desktop`, `tablet`, `tv`.
  public var device: Int = 0
  /// 0 ... 23, UTC.
  public var hour: Int = 0
  public var priceCents: Int = 0
  /// 1 ... 8: how far down the page.
  public var position: Int = 0
  public var accountDays: Int = 0
  /// The items that the user clicked last before this row, oldest first, at most `AdsGenerator.historyLength`.
  public var history: [UInt32] = []
  public var click = false
  public var conversion = false
  /// 0 without conversion.
  public var conversionTimeMilliseconds: Int64 = 0
  /// What the world drew the click from.
  public var clickProbability: Double = 0
  /// What it draws the conversion from, given a click.
  public var conversionProbability: Double = 0
}
