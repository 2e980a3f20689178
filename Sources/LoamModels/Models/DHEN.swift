import LoamTensor

/// DHEN: layers that each join several kinds of feature crossing, with sequences and a tower for each task.
///
/// ```
/// fields [batch, m, dimension] ─────────────────┐
/// dense ─ linear ─ one vector ──────────────────┼─ X₀ ─ layer ─ ... ─ layer ─ flat ─ towers ─ logits [batch, outputs]
/// sequences ─ K last states, largest of each ───┘   (`DHENLayer`)
///      └─ auxiliary, while training: each state predicts the next event (`EventEncoder`)
/// ```
/// Reads `vector`, and sequences of the fields' dimension (an on-site one and an off-site one, say). `target` is the
/// field that each event is seen together with. Source: Zhang et al., arXiv 2203.11014 (layers) and arXiv 2504.08169
/// (tasks, sequences, predicting future actions); what these leave open is our definition: the loss of the next event
/// (`next_event_weight` λ = 0.1, temperature 0.1, `NextEventLoss`), buckets of time gaps, and the kept states.
public final class DHEN: Model {
  public struct Settings: ModelSettings {
    public var layers = 2
    /// Of each layer.
    var modules: [DHENLayer.Module] = [.linear, .attention, .dcn, .mlp]
    var ensemble: DHENLayer.Ensemble = .sum
    /// Vectors between layers; 0: as many as there are inputs.
    public var vectors = 0
    public var heads = 2
    /// Of the modules `mlp` and `dot`.
    public var hidden: [Int] = [256]
    public var towerHidden: [Int] = [128, 64]
    public var dropout: Float = 0
    /// The field that events are seen together with; none: events alone.
    public var target = ""
    public var sequenceLayers = 1
    public var sequenceStates = 4
    public var nextEventWeight: Float = 0.1
    public var temperature: Float = 0.1
    /// Candidates of the auxiliary loss are corrected for how often they are drawn.
    public var logQCorrection = true

    public init() {}

    public func check() throws(ModelError) {
      try Check.positive("layers", layers)
      try Check.positive("heads", heads)
      try Check.positive("sequence_layers", sequenceLayers)
      try Check.positive("sequence_states", sequenceStates)
      try Check.widths("hidden", hidden)
      try Check.widths("tower_hidden", towerHidden)
      try Check.share("dropout", dropout)
      guard !modules.isEmpty else { throw ModelError(.badOption, "modules lists one module at least") }
      guard vectors >= 0 else { throw ModelError(.badOption, "vectors is 0 or more, found \(vectors)") }
      guard temperature > 0 else { throw ModelError(.badOption, "temperature is above 0, found \(temperature)") }
      guard nextEventWeight >= 0 else {
        throw ModelError(.badOption, "next_event_weight is 0 or more, found \(nextEventWeight)")
      }
    }
  }
  public static let name = "dhen"
  public static let needs = ModelNeeds(vectors: true, weights: false, sequences: true, events: true, frequencies: true)

  public let options: ModelOptions
  public var parameters: [Parameter] {
    (dense?.parameters ?? []) + sequences.flatMap(\.parameters) + layers.flatMap(\.parameters) + towers.parameters
  }
  public var buffers: [(name: String, tensor: Tensor)] { towers.buffers }

  private let settings: Settings
  private let target: Int32?
  private let dense: Linear?
  private let sequences: [EventEncoder]
  private let layers: [DHENLayer]
  private let towers: Towers

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    self.settings = settings
    let dimension = try shape.requireFields(of: Self.name)
    guard dimension % settings.heads == 0 else {
      throw ModelError(
        .badShape, "the heads of \(Self.name) (\(settings.heads)) must divide the dimension \(dimension)")
    }
    target =
      settings.target.isEmpty ? nil : Int32(try shape.field(settings.target, option: "target", of: Self.name))
    for place in shape.sequences.indices {
      try shape.requireDimension(dimension, ofSequence: place, of: Self.name)
    }
    dense = shape.denseCount > 0 ? Linear("dense", inputs: shape.denseCount, outputs: dimension, seed: seed) : nil
    sequences = shape.sequences.enumerated().map {
      EventEncoder(
        $1, place: $0, hasCandidate: !settings.target.isEmpty, layers: settings.sequenceLayers,
        heads: settings.heads, kept: settings.sequenceStates, dropout: settings.dropout, seed: seed)
    }
    let inputs = shape.fields.count + (dense == nil ? 0 : 1) + sequences.reduce(0) { $0 + $1.count }
    guard inputs > 1 || !settings.modules.contains(.dot) else {
      throw ModelError(.badShape, "the module dot of \(Self.name) needs two vectors at least")
    }
    var outputs = settings.vectors == 0 ? inputs : settings.vectors
    if settings.ensemble == .concat {
      outputs = max(outputs / settings.modules.count, 1) * settings.modules.count
    }
    layers = (0..<settings.layers).map {
      DHENLayer(
        "layer.\($0)", inputs: $0 == 0 ? inputs : outputs, outputs: outputs, dimension: dimension,
        modules: settings.modules, ensemble: settings.ensemble, heads: settings.heads, hidden: settings.hidden,
        dropout: settings.dropout, seed: seed)
    }
    towers = Towers(
      shape.tasks, inputs: outputs * dimension, .init(hidden: settings.towerHidden, dropout: settings.dropout),
      seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let vectors = inputs.vectors!
    let (batch, dimension) = (vectors.shape[0], vectors.shape[2])
    let candidate = target.map { tape.reshape(tape.take(vectors, [$0]), Shape(batch, dimension)) }
    var parts = [tape.reshape(vectors, Shape(batch, vectors.shape[1] * dimension))]
    if let dense { parts.append(dense(tape, inputs.dense!)) }
    var auxiliary: Variable?
    for encoder in sequences {
      let states = encoder.states(tape, inputs, candidate: candidate, training: training, step: step)
      parts.append(encoder.summary(tape, states, inputs))
      guard training, settings.nextEventWeight > 0, states.shape[1] > 1 else { continue }
      let nextEvent = NextEventLoss(temperature: settings.temperature, logQCorrection: settings.logQCorrection)
      let loss = encoder.nextEventLoss(tape, states, inputs, nextEvent)
      let weighted = tape.scale(loss, by: settings.nextEventWeight)
      auxiliary = auxiliary.map { tape.add($0, weighted) } ?? weighted
    }
    let flat = parts.count == 1 ? parts[0] : tape.concat(parts)
    let first = tape.reshape(flat, Shape(batch, flat.shape[1] / dimension, dimension))
    let last = layers.reduce(first) { $1(tape, $0, training: training, step: step) }
    let logits = towers(
      tape, [tape.reshape(last, Shape(batch, last.shape[1] * dimension))], training: training, step: step)
    return ModelOutput(logits: logits, auxiliary: auxiliary)
  }
}
