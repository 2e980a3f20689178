import LoamTensor

/// AutoInt: self-attention among the fields' vectors, layer upon layer; optionally an MLP beside it (AutoInt+).
///
/// ```
/// h' = relu(concat over heads of softmax(q kᵀ / √width) v + W_res h)     h₀: vectors [batch, fields, dimension]
/// logits = linear(flat h) (+ MLP(flat vectors, dense))
/// ```
/// Logits `[batch, outputs]`. Reads `vector`. Source: Song et al., arXiv 1810.11921, eq. 5 to 9; `attention_width` is
/// that of all heads together, as in FuxiCTR. Dense features go into the MLP, as they are, and into no attention.
public final class AutoInt: Model {
  public struct Settings: ModelSettings {
    public var attentionLayers = 3
    public var attentionWidth = 64
    public var heads = 2
    /// Divide scores by the root of a head's width.
    public var scale = true
    public var residual = true
    public var layerNorm = false
    /// Of the MLP; none: no MLP.
    public var hidden: [Int] = []
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.positive("attention_layers", attentionLayers)
      try Check.positive("heads", heads)
      try Check.widths("hidden", hidden)
      try Check.share("dropout", dropout)
      guard attentionWidth > 0, attentionWidth % heads == 0 else {
        throw ModelError(.badOption, "heads (\(heads)) must divide attention_width, found \(attentionWidth)")
      }
    }
  }
  private struct Layer {
    let query, key, value: Linear
    let residual: Linear?
    let norm: LayerNorm?

    var parameters: [Parameter] {
      [query, key, value].flatMap(\.parameters) + (residual?.parameters ?? []) + (norm?.parameters ?? [])
    }
  }
  public static let name = "autoint"
  public static let needs = ModelNeeds(vectors: true, weights: false)

  public let options: ModelOptions
  public var parameters: [Parameter] { layers.flatMap(\.parameters) + output.parameters + (mlp?.parameters ?? []) }
  public var buffers: [(name: String, tensor: Tensor)] { mlp?.buffers ?? [] }

  private let settings: Settings
  private let layers: [Layer]
  private let output: Linear
  private let mlp: MLP?

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    self.settings = settings
    let dimension = try shape.requireFields(of: Self.name)
    let flat = try shape.flatWidth(of: Self.name)
    let width = settings.attentionWidth
    layers = (0..<settings.attentionLayers).map { index in
      let inputs = index == 0 ? dimension : width
      let linear = { (part: String) in
        Linear("attention.\(index).\(part)", inputs: inputs, outputs: width, bias: false, seed: seed)
      }
      return Layer(
        query: linear("query"), key: linear("key"), value: linear("value"),
        residual: settings.residual ? linear("residual") : nil,
        norm: settings.layerNorm ? LayerNorm("attention.\(index).norm", columns: width) : nil)
    }
    output = Linear("output", inputs: shape.fields.count * width, outputs: shape.outputs, seed: seed)
    mlp =
      settings.hidden.isEmpty
      ? nil
      : MLP(
        "mlp", inputs: flat, outputs: shape.outputs,
        .init(hidden: settings.hidden, batchNorm: settings.batchNorm, dropout: settings.dropout), seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    var h = inputs.vectors!
    for layer in layers {
      var next = tape.attention(
        queries: layer.query(tape, h), keys: layer.key(tape, h), values: layer.value(tape, h), heads: settings.heads,
        scale: settings.scale ? nil : 1)
      if let residual = layer.residual { next = tape.add(next, residual(tape, h)) }
      if let norm = layer.norm { next = norm(tape, next) }
      h = tape.relu(next)
    }
    let logits = output(tape, tape.reshape(h, Shape(h.shape[0], h.shape[1] * h.shape[2])))
    guard let mlp else { return ModelOutput(logits: logits) }
    return ModelOutput(logits: tape.add(logits, mlp(tape, inputs.flat(tape), training: training, step: step)))
  }
}
