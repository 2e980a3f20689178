import LoamTensor

/// SASRec: a causal transformer over a sequence; a candidate's score is its inner product with the last state.
///
/// ```
/// events [batch, length, dimension] + positions ─ LN ─ dropout ─ causal layers ─ h
/// logits [batch, 1] = <h_last, target>        auxiliary, while training: h_t predicts event t + 1 (`NextEventLoss`)
/// ```
/// Reads `vector`: one sequence and the field `target`, and no other field. Positions count from the last event, so that
/// padding in front changes nothing. Source: Kang and McAuley, arXiv 1808.09781, eq. 1 to 6; the layers are those of
/// S3-Rec (Zhou et al., arXiv 2008.07873: norms after the sums, gelu, N(0, 0.02²)). Where we differ: the next event is
/// predicted by a softmax over the distinct events of a lane of the batch, corrected for how often each is among them,
/// instead of against one random item.
public final class SASRec: Model {
  public struct Settings: ModelSettings {
    /// The field of the candidate.
    public var target = ""
    public var sequence = ""
    public var layers = 2
    public var heads = 2
    /// Inner width of a layer's second part; 0: four times the dimension.
    public var inner = 0
    public var dropout: Float = 0.5
    /// Of the auxiliary loss; 0: the labels alone teach.
    public var nextEventWeight: Float = 1
    public var temperature: Float = 1
    /// Candidates of the auxiliary loss are corrected for how often they are drawn.
    public var logQCorrection = true

    public init() {}

    public func check() throws(ModelError) {
      try Check.positive("layers", layers)
      try Check.positive("heads", heads)
      try Check.share("dropout", dropout)
      guard temperature > 0 else { throw ModelError(.badOption, "temperature is above 0, found \(temperature)") }
      guard nextEventWeight >= 0 else {
        throw ModelError(.badOption, "next_event_weight is 0 or more, found \(nextEventWeight)")
      }
    }
  }
  public static let name = "sasrec"
  public static let needs = ModelNeeds(vectors: true, weights: false, sequences: true, frequencies: true)

  public let options: ModelOptions
  public var parameters: [Parameter] { encoder.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { [] }

  private let settings: Settings
  private let target: Int32
  private let place: Int
  private let encoder: SequenceEncoder

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    self.settings = settings
    try shape.requireOneOutput(of: Self.name)
    let dimension = try shape.requireFields(of: Self.name)
    target = Int32(try shape.field(settings.target, option: "target", of: Self.name))
    place = try shape.sequence(settings.sequence, option: "sequence", of: Self.name)
    try shape.requireDimension(dimension, ofSequence: place, of: Self.name)
    guard dimension % settings.heads == 0 else {
      throw ModelError(
        .badShape, "the heads of \(Self.name) (\(settings.heads)) must divide the dimension \(dimension)")
    }
    encoder = SequenceEncoder(
      "encoder", length: shape.sequences[place].length, width: dimension, layers: settings.layers,
      .init(
        heads: settings.heads, inner: settings.inner, dropout: settings.dropout,
        initialiser: .normal(deviation: 0.02)), seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let (vectors, sequence) = (inputs.vectors!, inputs.sequences[place])
    let batch = vectors.shape[0]
    let distinct = training ? nil : DistinctSequences(tape, sequence)
    let states = encoder(
      tape, distinct?.vectors ?? sequence.vectors, distinct?.mask ?? sequence.mask, training: training, step: step)
    var last = tape.take(states, [Int32(states.shape[1] - 1)])
    if let distinct {
      let rows = tape.reshape(last, Shape(last.shape[0], last.shape[2]))
      last = tape.reshape(distinct.spread(tape, rows), Shape(batch, 1, last.shape[2]))
    }
    let scores = tape.sum(tape.multiply(last, tape.take(vectors, [target])), axis: 2)
    var output = ModelOutput(logits: tape.reshape(scores, Shape(batch, 1)))
    if training, settings.nextEventWeight > 0, states.shape[1] > 1 {
      let loss = NextEventLoss(temperature: settings.temperature, logQCorrection: settings.logQCorrection)
        .loss(tape, states: states, sequence)
      output.auxiliary = tape.scale(loss, by: settings.nextEventWeight)
    }
    return output
  }
}
