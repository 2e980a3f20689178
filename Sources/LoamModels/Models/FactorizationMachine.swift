import LoamTensor

/// Factorization machine of order two: `bias + Σ w_id + dense · w + Σ_{i<j} <e_i, e_j>` over the ID fields.
///
/// Reads `vector` and `weight`; one task; all fields have one dimension. Dense features take part in the first order
/// only. Source: Rendle, "Factorization Machines" (ICDM 2010), eq. 1.
public final class FactorizationMachine: Model {
  public static let name = "fm"
  public static let needs = ModelNeeds(vectors: true, weights: true)
  public typealias Settings = NoSettings

  public let options: ModelOptions
  public var parameters: [Parameter] { firstOrder.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { [] }

  private let firstOrder: FirstOrder

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    try shape.requireOneOutput(of: Self.name)
    try shape.requireNoSequences(of: Self.name)
    _ = try shape.requireFields(of: Self.name)
    self.options = ModelOptions(try options.decode(Settings.self, of: Self.name))
    firstOrder = FirstOrder("linear", denseCount: shape.denseCount, seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    ModelOutput(logits: tape.add(firstOrder(tape, inputs), Self.secondOrder(tape, inputs.vectors!)))
  }

  /// `Σ_{i<j} <e_i, e_j>`: `[batch, fields, dimension]` to `[batch, 1]`.
  static func secondOrder(_ tape: Tape, _ vectors: Variable) -> Variable {
    tape.reshape(tape.sum(tape.pairProducts(vectors), axis: 1), Shape(vectors.shape[0], 1))
  }
}
