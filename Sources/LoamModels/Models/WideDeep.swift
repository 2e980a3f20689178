import LoamTensor

/// Wide & Deep: a linear model of IDs and dense features, and an MLP over vectors and dense features, added.
///
/// ```
/// weights [batch, fields], dense ── bias + Σ w ────────────┐
/// vectors [batch, fields, dimension] ─ with dense ─ MLP ───┴─ + ─ logits [batch, outputs]
/// ```
/// Reads `vector` and `weight`; the wide part is shared by all tasks. Source: Cheng et al., arXiv 1606.07792, section 3;
/// where we differ: one optimizer for both parts, and the wide part has the IDs themselves, no crossed columns.
public final class WideDeep: Model {
  public static let name = "wide_deep"
  public static let needs = ModelNeeds(vectors: true, weights: true)
  public typealias Settings = MLP.Settings

  public let options: ModelOptions
  public var parameters: [Parameter] { wide.parameters + mlp.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { mlp.buffers }

  private let wide: FirstOrder
  private let mlp: MLP

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    _ = try shape.requireFields(of: Self.name)
    wide = FirstOrder("linear", denseCount: shape.denseCount, seed: seed)
    mlp = MLP(
      "mlp", inputs: try shape.flatWidth(of: Self.name), outputs: shape.outputs, settings, seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let deep = mlp(tape, inputs.flat(tape), training: training, step: step)
    return ModelOutput(logits: tape.add(deep, column: wide(tape, inputs)))
  }
}
