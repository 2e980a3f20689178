/// One figure of an evaluation, under the name that versions, configs and reports use: `auc`, `ndcg@10`.
public struct Figure: Sendable, Equatable {
  public var name: String
  /// NaN where it is undefined.
  public var value: Double

  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}
