import LoamTensor

/// Logistic regression: `bias + Σ_fields w_id + dense · w`.
///
/// Reads the `weight` column; one task. Source: Richardson et al., "Predicting clicks" (WWW 2007).
public final class LogisticRegression: Model {
  public static let name = "lr"
  public static let needs = ModelNeeds(vectors: false, weights: true)
  public typealias Settings = NoSettings

  public let options: ModelOptions
  public var parameters: [Parameter] { firstOrder.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { [] }

  private let firstOrder: FirstOrder

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    try shape.requireInputs(of: Self.name)
    try shape.requireNoSequences(of: Self.name)
    try shape.requireOneOutput(of: Self.name)
    self.options = ModelOptions(try options.decode(Settings.self, of: Self.name))
    firstOrder = FirstOrder("linear", denseCount: shape.denseCount, seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    ModelOutput(logits: firstOrder(tape, inputs))
  }
}
