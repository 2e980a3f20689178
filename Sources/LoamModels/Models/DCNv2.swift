import LoamTensor

/// DCN-v2: a network of cross layers beside an MLP, or below it, over the flat vectors and dense features.
///
/// ```
///             ┌─ cross layers ─┐
/// parallel: x ┤                ├─ concat ─ linear        stacked: x ─ cross layers ─ MLP ─ linear
///             └─ MLP ──────────┘                         cross:   x ─ cross layers ─ linear
/// ```
/// Logits `[batch, outputs]`. Reads `vector`. Source: Wang et al., arXiv 2008.13535, section 3; settings as in FuxiCTR.
/// With several tasks, each is a column of the last linear layer.
public final class DCNv2: Model {
  public enum Structure: String, ModelChoice { case parallel, stacked, cross }

  public struct Settings: ModelSettings {
    public var structure: Structure = .parallel
    public var crossLayers = 3
    /// Of each expert's matrices; 0: whole matrices.
    public var lowRank = 0
    /// Of a low-rank mixture.
    public var experts = 4
    public var hidden: [Int] = [400, 400, 400]
    public var activation: Activation = .relu
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.positive("cross_layers", crossLayers)
      try Check.positive("experts", experts)
      guard lowRank >= 0 else { throw ModelError(.badOption, "low_rank is 0 or more, found \(lowRank)") }
      try Check.widths("hidden", hidden, canBeEmpty: structure == .cross)
      try Check.share("dropout", dropout)
    }
  }
  public static let name = "dcnv2"
  public static let needs = ModelNeeds(vectors: true, weights: false)

  public let options: ModelOptions
  public var parameters: [Parameter] {
    cross.parameters + (mlp?.parameters ?? []) + (crossOutput?.parameters ?? []) + (deepOutput?.parameters ?? [])
  }
  public var buffers: [(name: String, tensor: Tensor)] { mlp?.buffers ?? [] }

  private let structure: Structure
  private let cross: CrossNetwork
  private let mlp: MLP?
  /// The two parts of the linear layer over the concatenation, which need not be written then.
  private let crossOutput, deepOutput: Linear?

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    let inputs = try shape.flatWidth(of: Self.name)
    structure = settings.structure
    cross = CrossNetwork(
      "cross", inputs: inputs, layers: settings.crossLayers, rank: settings.lowRank, experts: settings.experts,
      seed: seed)
    mlp =
      structure == .cross
      ? nil
      : MLP(
        "mlp", inputs: inputs, outputs: nil,
        .init(
          hidden: settings.hidden, activation: settings.activation, batchNorm: settings.batchNorm,
          dropout: settings.dropout), seed: seed)
    crossOutput =
      structure == .stacked
      ? nil : Linear("output.cross", inputs: inputs, outputs: shape.outputs, bias: structure == .cross, seed: seed)
    deepOutput = mlp.map { Linear("output.deep", inputs: $0.width, outputs: shape.outputs, seed: seed) }
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let x = inputs.flat(tape)
    let crossed = cross(tape, x)
    guard let mlp, let deepOutput else { return ModelOutput(logits: crossOutput!(tape, crossed)) }
    let deep = deepOutput(tape, mlp(tape, structure == .stacked ? crossed : x, training: training, step: step))
    return ModelOutput(logits: crossOutput.map { tape.add($0(tape, crossed), deep) } ?? deep)
  }
}
