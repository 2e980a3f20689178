import LoamTensor

/// DeepFM: a factorization machine and an MLP over the same vectors, added.
///
/// ```
/// vectors [batch, fields, dimension] ─┬─ Σ_{i<j} <e_i, e_j> ──────────┐
///                                     └─ concat with dense ─ MLP ─────┼─ + ─ logits [batch, outputs]
/// weights [batch, fields], dense ─────── bias + Σ w ──────────────────┘
/// ```
/// Reads `vector` and `weight`. With several tasks the MLP has one output each, and the first two orders are shared.
/// Source: Guo et al., arXiv 1703.04247, eq. 1-4; where we differ: dense features enter the first order and the MLP as
/// they are, without vectors of their own.
public final class DeepFM: Model {
  public static let name = "deepfm"
  public static let needs = ModelNeeds(vectors: true, weights: true)
  public typealias Settings = MLP.Settings

  public let options: ModelOptions
  public var parameters: [Parameter] { firstOrder.parameters + mlp.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { mlp.buffers }

  private let firstOrder: FirstOrder
  private let mlp: MLP

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    _ = try shape.requireFields(of: Self.name)
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    firstOrder = FirstOrder("linear", denseCount: shape.denseCount, seed: seed)
    mlp = MLP(
      "mlp", inputs: try shape.flatWidth(of: Self.name), outputs: shape.outputs, settings, seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let deep = mlp(tape, inputs.flat(tape), training: training, step: step)
    let shallow = tape.add(firstOrder(tape, inputs), FactorizationMachine.secondOrder(tape, inputs.vectors!))
    return ModelOutput(logits: tape.add(deep, column: shallow))
  }
}
