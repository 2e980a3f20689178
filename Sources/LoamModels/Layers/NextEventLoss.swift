import LoamTensor

/// The loss of predicting, from each event of a sequence, the one after it, among the distinct events of the batch.
///
/// ```
/// -(1/|V|) Σ_{t ∈ V} log ( exp(h_t · e_{t+1} / τ) / Σ_j exp(h_t · e_j / τ) )      j: distinct IDs of the lane's events
/// ```
/// V are the events with a successor. The candidates are those of the lane, each once whatever its frequency, so that
/// popular IDs are candidates no more often than others. Source: Yi et al., RecSys 2019, section 4, without the
/// correction for frequencies, which distinct candidates make nearly equal.
enum NextEventLoss {
  /// Counts are rounded up to it, so that products have few shapes.
  private static let rounding = 128

  /// - Parameter states: h `[batch, steps, width]`, as wide as the sequence's vectors.
  /// - Returns: `[1]`, this lane's share.
  static func loss(
    _ tape: Tape, states: Variable, _ sequence: SequenceInput, temperature: Float
  ) -> Variable {
    guard let codes = sequence.codes else { preconditionFailure("the next event is predicted by codes of events") }
    let (batch, steps, width) = (states.shape[0], states.shape[1], states.shape[2])
    let chosen = Candidates(tape, mask: sequence.mask, codes: codes, rounding: rounding)
    let from = tape.pickRows(tape.reshape(states, Shape(batch * steps, width)), chosen.states)
    let to = tape.pickRows(tape.reshape(sequence.vectors, Shape(batch * steps, width)), chosen.events)
    let scores = tape.linear(from, weight: to)
    let shape = Shape(1, chosen.states.count, chosen.events.count)
    let shares = tape.softmax(tape.reshape(scores, shape), factor: 1 / temperature, mask: chosen.isEvent)
    return tape.logLikelihood(tape.reshape(shares, Shape(shape[1], shape[2])), labels: chosen.labels)
  }
}

/// Which states predict which of the distinct events; padded with -1, NaN and 0.
private struct Candidates {
  /// Numbers of the states, and of each distinct ID's first event, among `batch · steps`.
  let states, events: Tensor
  /// Place of the successor's ID in `events`.
  let labels: Tensor
  /// `[1, events]`
  let isEvent: Tensor

  init(_ tape: Tape, mask: Tensor, codes: Tensor, rounding: Int) {
    let (steps, count) = (mask.shape[1], mask.count)
    let (mask, codes) = (mask.pointer, codes.pointer)
    var largest = -1
    for at in 0..<count where mask[at] != 0 { largest = max(largest, Int(codes[at])) }
    let places = tape.arena.tensor(Shape(largest + 2))
    places.fill(-1)
    var (stateCount, eventCount) = (0, 0)
    for at in 0..<count where mask[at] != 0 {
      if places.pointer[Int(codes[at])] < 0 {
        places.pointer[Int(codes[at])] = Float(eventCount)
        eventCount += 1
      }
      if (at + 1) % steps != 0, mask[at + 1] != 0 { stateCount += 1 }
    }
    let padded = { (count: Int) in max(count + rounding - 1, rounding) / rounding * rounding }
    states = tape.arena.tensor(Shape(padded(stateCount)))
    labels = tape.arena.tensor(states.shape)
    events = tape.arena.tensor(Shape(padded(eventCount)))
    isEvent = tape.arena.tensor(Shape(1, events.count))
    states.fill(-1)
    labels.fill(.nan)
    events.fill(-1)
    isEvent.fill(0)
    var next = 0
    for at in 0..<count where mask[at] != 0 {
      let place = Int(places.pointer[Int(codes[at])])
      if events.pointer[place] < 0 {
        events.pointer[place] = Float(at)
        isEvent.pointer[place] = 1
      }
      if (at + 1) % steps != 0, mask[at + 1] != 0 {
        states.pointer[next] = Float(at)
        labels.pointer[next] = places.pointer[Int(codes[at + 1])]
        next += 1
      }
    }
  }
}
