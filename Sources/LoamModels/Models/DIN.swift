import LoamTensor

/// DIN: a history pooled with weights that depend on the candidate, beside the other features in an MLP.
///
/// ```
/// history e_j ─ a_j = MLP([e_j, t, e_j - t, e_j ⊙ t]) ─ Σ_j a_j e_j ─┬─ MLP ─ logits [batch, outputs]
/// target t (a field), other fields, dense ───────────────────────────┘
/// ```
/// Reads `vector`, and each sequence named in `sequences` (all, where none is). Weights are not normalised, as in the
/// paper, or with `softmax`. `pooling: mean` leaves the attention out: the baseline that DIN is measured against.
/// Source: Zhou et al., arXiv 1706.06978, eq. 3; where we differ: the activation is chosen, and Dice is not among them.
public final class DIN: Model {
  public enum Pooling: String, ModelChoice { case attention, mean }

  public struct Settings: ModelSettings {
    /// The field of the candidate; its vectors are as long as those of the sequence.
    public var target = ""
    public var sequences: [String] = []
    public var pooling: Pooling = .attention
    public var attentionHidden: [Int] = [64]
    public var attentionActivation: Activation = .relu
    public var softmax = false
    public var hidden: [Int] = [512, 256, 128]
    public var activation: Activation = .relu
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.widths("attention_hidden", attentionHidden)
      try Check.widths("hidden", hidden)
      try Check.share("dropout", dropout)
    }
  }
  public static let name = "din"
  public static let needs = ModelNeeds(vectors: true, weights: false, sequences: true)

  public let options: ModelOptions
  public var parameters: [Parameter] { attention.flatMap(\.parameters) + mlp.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { mlp.buffers }

  private let settings: Settings
  private let target: Int32
  private let places: [Int]
  private let attention: [MLP]
  private let mlp: MLP

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    self.settings = settings
    let dimension = try shape.requireFields(of: Self.name)
    target = Int32(try shape.field(settings.target, option: "target", of: Self.name))
    var places: [Int] = []
    for name in settings.sequences {
      places.append(try shape.sequence(name, option: "sequences", of: Self.name))
    }
    if settings.sequences.isEmpty { places = Array(shape.sequences.indices) }
    guard !places.isEmpty else { throw ModelError(.badShape, "\(Self.name) needs a sequence") }
    for place in places { try shape.requireDimension(dimension, ofSequence: place, of: Self.name) }
    self.places = places
    attention =
      settings.pooling == .mean
      ? []
      : places.map {
        MLP(
          "attention.\(shape.sequences[$0].name)", inputs: 4 * dimension, outputs: 1,
          .init(hidden: settings.attentionHidden, activation: settings.attentionActivation), seed: seed)
      }
    mlp = MLP(
      "mlp", inputs: (shape.fields.count + places.count) * dimension + shape.denseCount, outputs: shape.outputs,
      .init(
        hidden: settings.hidden, activation: settings.activation, batchNorm: settings.batchNorm,
        dropout: settings.dropout), seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let vectors = inputs.vectors!
    let (batch, dimension) = (vectors.shape[0], vectors.shape[2])
    let candidate = tape.reshape(tape.take(vectors, [target]), Shape(batch, dimension))
    let interests = places.enumerated().map { index, place in
      let sequence = inputs.sequences[place]
      let weights =
        attention.isEmpty
        ? tape.reshape(sequence.shares(tape), Shape(batch, 1, sequence.mask.shape[1]))
        : weights(tape, attention[index], sequence, candidate, training: training, step: step)
      let pooled = tape.batchedMatmul(weights, sequence.vectors)
      return tape.reshape(pooled, Shape(batch, dimension))
    }
    let x = tape.concat(interests + [inputs.flat(tape)])
    return ModelOutput(logits: mlp(tape, x, training: training, step: step))
  }

  /// `[batch, 1, steps]`, 0 at padding.
  private func weights(
    _ tape: Tape, _ mlp: MLP, _ sequence: SequenceInput, _ candidate: Variable, training: Bool, step: UInt64
  ) -> Variable {
    let events = sequence.vectors
    let (batch, steps, dimension) = (events.shape[0], events.shape[1], events.shape[2])
    let t = tape.spread(candidate, count: steps)
    let pairs = tape.concat(events, t, tape.subtract(events, t), tape.multiply(events, t))
    let scores = mlp(tape, tape.reshape(pairs, Shape(batch * steps, 4 * dimension)), training: training, step: step)
    let rows = tape.reshape(scores, Shape(batch, steps))
    let weights =
      settings.softmax
      ? tape.softmax(rows, mask: sequence.mask) : tape.multiply(rows, tape.input(sequence.mask))
    return tape.reshape(weights, Shape(batch, 1, steps))
  }
}

extension SequenceInput {
  /// 1 / events at events, 0 at padding: what a mean is weighted with. `[batch, steps]`.
  ///
  /// A mask is 1 at every event, so its softmax over the events is their uniform share.
  fileprivate func shares(_ tape: Tape) -> Variable { tape.softmax(tape.input(mask), mask: mask) }
}
