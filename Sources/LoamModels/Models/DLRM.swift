import LoamTensor

/// DLRM: dense features become one more vector, and the inner products of all pairs of vectors go into an MLP.
///
/// ```
/// dense ── bottom MLP ── [batch, dimension] ─┬──────────────────────────────┐
/// vectors [batch, fields, dimension] ────────┴─ <v_i, v_j>, j < i ─ concat ─┴─ top MLP ─ logits [batch, outputs]
/// ```
/// Reads `vector`. Without dense features the top MLP sees the products alone. Source: Naumov et al., arXiv 1906.00091,
/// section 2.
public final class DLRM: Model {
  public struct Settings: ModelSettings {
    /// Hidden widths of the bottom MLP; its last layer has the vectors' dimension.
    public var bottom: [Int] = [128, 64]
    /// Hidden widths of the top MLP.
    public var hidden: [Int] = [256, 128]
    public var activation: Activation = .relu
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.widths("bottom", bottom)
      try Check.widths("hidden", hidden)
      try Check.share("dropout", dropout)
    }
  }
  public static let name = "dlrm"
  public static let needs = ModelNeeds(vectors: true, weights: false)

  public let options: ModelOptions
  public var parameters: [Parameter] { (bottom?.parameters ?? []) + top.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { (bottom?.buffers ?? []) + top.buffers }

  private let bottom: MLP?
  private let top: MLP

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    try shape.requireNoSequences(of: Self.name)
    let dimension = try shape.requireFields(shape.denseCount > 0 ? 1 : 2, of: Self.name)
    var network = MLP.Settings(
      hidden: settings.bottom + [dimension], activation: settings.activation, batchNorm: settings.batchNorm,
      dropout: settings.dropout)
    bottom = shape.denseCount > 0 ? MLP("bottom", inputs: shape.denseCount, outputs: nil, network, seed: seed) : nil
    network.hidden = settings.hidden
    let vectors = shape.fields.count + (bottom == nil ? 0 : 1)
    top = MLP(
      "top", inputs: vectors * (vectors - 1) / 2 + (bottom == nil ? 0 : dimension), outputs: shape.outputs, network,
      seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let vectors = inputs.vectors!
    guard let bottom else {
      return ModelOutput(logits: top(tape, tape.pairDots(vectors), training: training, step: step))
    }
    let dense = bottom(tape, inputs.dense!, training: training, step: step)
    let (batch, fields, dimension) = (vectors.shape[0], vectors.shape[1], vectors.shape[2])
    let flat = tape.concat(dense, tape.reshape(vectors, Shape(batch, fields * dimension)))
    let dots = tape.pairDots(tape.reshape(flat, Shape(batch, fields + 1, dimension)))
    return ModelOutput(logits: top(tape, tape.concat(dense, dots), training: training, step: step))
  }
}
