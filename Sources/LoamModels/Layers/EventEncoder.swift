import LoamTensor

/// The sequences of DHEN: events as vectors, a causal transformer over them, and what is kept of its states.
///
/// ```
/// event: W [e_j ; candidate] + action type + time gap ─ causal transformer ─ last K states, largest of each number
/// ```
/// The gap's bucket is `floor(log2(1 + seconds))`. Shapes: events `[batch, steps, dimension]`; result
/// `[batch, K + 1, dimension]`.
struct EventEncoder: Sendable {
  /// 2^31 seconds and more are the last bucket.
  private static let gaps = 32

  let width: Int
  private let place: Int
  private let kept: Int
  private let merge: Linear?
  private let actions, ages: Parameter?
  private let encoder: SequenceEncoder
  private let nextAction: Linear?

  init(
    _ shape: SequenceShape, place: Int, hasCandidate: Bool, layers: Int, heads: Int, kept: Int, dropout: Float,
    seed: UInt64
  ) {
    let name = "sequence.\(shape.name)"
    (self.place, self.kept, width) = (place, min(kept, shape.length), shape.dimension)
    merge =
      hasCandidate
      ? Linear("\(name).merge", inputs: 2 * shape.dimension, outputs: shape.dimension, seed: seed) : nil
    let table = { (part: String, rows: Int) in
      Initialiser.normal(deviation: 0.02).parameter("\(name).\(part)", Shape(rows, shape.dimension), seed: seed)
    }
    actions = shape.actions > 0 ? table("actions", shape.actions) : nil
    ages = shape.hasAges ? table("ages", Self.gaps) : nil
    nextAction =
      shape.actions > 0
      ? Linear("\(name).next_action", inputs: shape.dimension, outputs: shape.actions, seed: seed) : nil
    encoder = SequenceEncoder(
      name, length: shape.length, width: shape.dimension, layers: layers, .init(heads: heads, dropout: dropout),
      seed: seed)
  }

  var parameters: [Parameter] {
    (merge?.parameters ?? []) + [actions, ages].compactMap { $0 } + encoder.parameters
      + (nextAction?.parameters ?? [])
  }
  /// Vectors of the result.
  var count: Int { kept + 1 }

  /// States `[batch, steps, dimension]` after each event.
  func states(
    _ tape: Tape, _ inputs: ModelInputs, candidate: Variable?, training: Bool, step: UInt64
  ) -> Variable {
    let sequence = inputs.sequences[place]
    var events = sequence.vectors
    if let merge, let candidate {
      events = merge(tape, tape.concat(events, tape.spread(candidate, count: events.shape[1])))
    }
    if let actions, let found = sequence.actions {
      events = tape.add(events, tape.pickRows(tape.parameter(actions), masked(tape, found, sequence.mask) { $0 }))
    }
    if let ages, let found = sequence.ages {
      let buckets = masked(tape, found, sequence.mask) {
        Float(min(Self.gaps - 1, Int((1 + max($0, 0)).exponent)))
      }
      events = tape.add(events, tape.pickRows(tape.parameter(ages), buckets))
    }
    return encoder(tape, events, sequence.mask, training: training, step: step)
  }

  /// `[batch, (K + 1) · dimension]`
  func summary(_ tape: Tape, _ states: Variable, _ inputs: ModelInputs) -> Variable {
    let (batch, steps) = (states.shape[0], states.shape[1])
    let last = tape.take(states, (steps - kept..<steps).map { Int32($0) })
    let largest = tape.largestStep(states, mask: inputs.sequences[place].mask)
    return tape.concat(tape.reshape(last, Shape(batch, kept * width)), largest)
  }

  /// The loss of predicting each next event, and, where events have types, the next type.
  func nextEventLoss(
    _ tape: Tape, _ states: Variable, _ inputs: ModelInputs, _ nextEvent: NextEventLoss
  ) -> Variable {
    let sequence = inputs.sequences[place]
    let loss = nextEvent.loss(tape, states: states, sequence)
    guard let nextAction, let found = sequence.actions else { return loss }
    let (batch, steps) = (states.shape[0], states.shape[1])
    let labels = tape.arena.tensor(Shape(batch * steps))
    let mask = sequence.mask.pointer
    for at in 0..<labels.count {
      let hasNext = (at + 1) % steps != 0 && mask[at] != 0 && mask[at + 1] != 0
      labels.pointer[at] = hasNext ? found.pointer[at + 1] : .nan
    }
    let scores = nextAction(tape, tape.reshape(states, Shape(batch * steps, width)))
    return tape.add(loss, tape.softmaxCrossEntropy(scores, labels: labels))
  }

  /// -1, no row, at padding.
  private func masked(_ tape: Tape, _ values: Tensor, _ mask: Tensor, _ change: (Float) -> Float) -> Tensor {
    let out = tape.arena.tensor(values.shape)
    for at in 0..<values.count { out.pointer[at] = mask.pointer[at] == 0 ? -1 : change(values.pointer[at]) }
    return out
  }
}
