import LoamTensor

/// FiBiNET: fields weighted by squeeze and excitation (SENet), and bilinear products of all pairs of fields.
///
/// ```
/// e ─┬──────────────────────────────────── p_ij = (e_i W) ⊙ e_j ─┐
///    └─ a = relu(W₂ relu(W₁ mean(e_i))) ─ v_i = a_i e_i ─ p_ij ──┴─ with dense ─ MLP ─ + ─ logits [batch, outputs]
/// weights, dense ─ bias + Σ w ─────────────────────────────────────────────────────────┘
/// ```
/// Reads `vector` and `weight`. W is one for all pairs, one for each left field, or one for each pair (`bilinear`).
/// Source: Huang et al., arXiv 1905.09433, eq. 3 to 9; both kinds of products share the bilinear weights, as in FuxiCTR.
public final class FiBiNET: Model {
  public enum Bilinear: String, ModelChoice { case all, each, interaction }

  public struct Settings: ModelSettings {
    public var bilinear: Bilinear = .interaction
    /// Divides the number of fields: the inner width of the excitation.
    public var reductionRatio = 3
    public var hidden: [Int] = [400, 400, 400]
    public var activation: Activation = .relu
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.positive("reduction_ratio", reductionRatio)
      try Check.widths("hidden", hidden)
      try Check.share("dropout", dropout)
    }
  }
  public static let name = "fibinet"
  public static let needs = ModelNeeds(vectors: true, weights: true)

  public let options: ModelOptions
  public var parameters: [Parameter] {
    firstOrder.parameters + squeeze.parameters + excite.parameters + [bilinear] + mlp.parameters
  }
  public var buffers: [(name: String, tensor: Tensor)] { mlp.buffers }

  private let kind: Bilinear
  private let firstOrder: FirstOrder
  private let squeeze, excite: Linear
  /// `[matrices, dimension, dimension]`
  private let bilinear: Parameter
  private let mlp: MLP
  private let left, right: [Int32]

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    try shape.requireNoSequences(of: Self.name)
    let dimension = try shape.requireFields(2, of: Self.name)
    let fields = shape.fields.count
    kind = settings.bilinear
    firstOrder = FirstOrder("linear", denseCount: shape.denseCount, seed: seed)
    let inner = max(1, fields / settings.reductionRatio)
    squeeze = Linear("senet.squeeze", inputs: fields, outputs: inner, bias: false, seed: seed)
    excite = Linear("senet.excite", inputs: inner, outputs: fields, bias: false, seed: seed)
    let pairs = (0..<fields).flatMap { i in ((i + 1)..<max(fields, i + 1)).map { (Int32(i), Int32($0)) } }
    (left, right) = (pairs.map(\.0), pairs.map(\.1))
    let matrices = [.all: 1, .each: fields, .interaction: pairs.count][kind]!
    bilinear = Initialiser.xavierNormal.parameter("bilinear", Shape(matrices, dimension, dimension), seed: seed)
    mlp = MLP(
      "mlp", inputs: 2 * pairs.count * dimension + shape.denseCount, outputs: shape.outputs,
      .init(
        hidden: settings.hidden, activation: settings.activation, batchNorm: settings.batchNorm,
        dropout: settings.dropout), seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let e = inputs.vectors!
    let shares = excite(tape, squeeze(tape, tape.mean(e, axis: 2), relu: true), relu: true)
    let v = tape.reshape(
      tape.scaleRows(tape.reshape(e, Shape(e.shape[0] * e.shape[1], e.shape[2])), by: shares), e.shape)
    let matrices = tape.parameter(bilinear)
    var parts = [products(tape, e, matrices), products(tape, v, matrices)]
    if let dense = inputs.dense { parts.append(dense) }
    let deep = mlp(tape, tape.concat(parts), training: training, step: step)
    return ModelOutput(logits: tape.add(deep, column: firstOrder(tape, inputs)))
  }

  /// `(e_i W) ⊙ e_j` of all pairs, side by side: `[batch, pairs · dimension]`.
  private func products(_ tape: Tape, _ e: Variable, _ matrices: Variable) -> Variable {
    let (batch, fields, dimension) = (e.shape[0], e.shape[1], e.shape[2])
    let turned: Variable
    switch kind {
    case .all:
      let rows = tape.matmul(
        tape.reshape(e, Shape(batch * fields, dimension)), tape.reshape(matrices, Shape(dimension, dimension)))
      turned = tape.take(tape.reshape(rows, e.shape), left)
    case .each: turned = tape.take(tape.groupedMatmul(e, matrices), left)
    case .interaction: turned = tape.groupedMatmul(tape.take(e, left), matrices)
    }
    return tape.reshape(tape.multiply(turned, tape.take(e, right)), Shape(batch, left.count * dimension))
  }
}
