import Foundation
import LoamTensor

/// The loss of predicting, from each event of a sequence, the one after it, among the distinct events of a lane.
///
/// ```
/// -(1/|V|) Σ_{t ∈ V} log ( exp s(t, y_{t+1}) / Σ_j exp s(t, j) )      j: distinct IDs of the lane's n events
/// s(t, j) = h_t · e_j / τ - log q_j                                   q_j = 1 - (1 - f_j)ⁿ
/// ```
/// V are the events with a successor, y_{t+1} the successor's ID. f_j is how often training has read the ID, as a share
/// of all that it has read of the table; q_j then is the ID's chance to be a candidate, nearly in proportion to f_j where
/// that is rare. Without `logQCorrection`, q is 1, and scores learn to discount popular IDs: they are pushed away as
/// candidates of other events the more often, the more popular they are. Scores at inference are never corrected.
///
/// Source: Yi et al., RecSys 2019 (batch softmax with the logQ correction). Where we differ: candidates are distinct, so
/// that q is the chance to be among n draws instead of one draw's; and f is counted in the table's rows, of which all
/// fields of its space are a part, where the paper estimates it from the steps between two occurrences.
struct NextEventLoss {
  var temperature: Float
  var logQCorrection: Bool

  /// Counts are rounded up to it, so that products have few shapes.
  private static let rounding = 128

  /// - Parameter states: h `[batch, steps, width]`, as wide as the sequence's vectors.
  /// - Returns: `[1]`, this lane's share.
  func loss(_ tape: Tape, states: Variable, _ sequence: SequenceInput) -> Variable {
    guard let codes = sequence.codes else { preconditionFailure("the next event is predicted by codes of events") }
    let (batch, steps, width) = (states.shape[0], states.shape[1], states.shape[2])
    let chosen = Candidates(tape, mask: sequence.mask, codes: codes, rounding: Self.rounding)
    let from = tape.pickRows(tape.reshape(states, Shape(batch * steps, width)), chosen.states)
    let to = tape.pickRows(tape.reshape(sequence.vectors, Shape(batch * steps, width)), chosen.events)
    let scores = tape.linear(from, weight: to, bias: logQCorrection ? bias(tape, sequence, chosen) : nil)
    let shape = Shape(1, chosen.states.count, chosen.events.count)
    let shares = tape.softmax(tape.reshape(scores, shape), factor: 1 / temperature, mask: chosen.isEvent)
    return tape.logLikelihood(tape.reshape(shares, Shape(shape[1], shape[2])), labels: chosen.labels)
  }

  /// `[events]`: -τ log q; 0 where no event is.
  private func bias(_ tape: Tape, _ sequence: SequenceInput, _ chosen: Candidates) -> Variable {
    guard let shares = sequence.frequencies else { preconditionFailure("candidates are corrected by frequencies") }
    let bias = tape.arena.tensor(chosen.events.shape)
    bias.fill(0)
    for place in 0..<bias.count where chosen.isEvent.pointer[place] != 0 {
      let share = Double(shares.pointer[Int(chosen.events.pointer[place])])
      let chance = -expm1(Double(chosen.drawn) * log1p(-share))
      bias.pointer[place] = -temperature * Float(log(chance))
    }
    return tape.input(bias)
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
  /// Events that the candidates are the distinct ones of.
  let drawn: Int

  init(_ tape: Tape, mask: Tensor, codes: Tensor, rounding: Int) {
    let (steps, count) = (mask.shape[1], mask.count)
    let (mask, codes) = (mask.pointer, codes.pointer)
    var largest = -1
    for at in 0..<count where mask[at] != 0 { largest = max(largest, Int(codes[at])) }
    let places = tape.arena.tensor(Shape(largest + 2))
    places.fill(-1)
    var (stateCount, eventCount, drawn) = (0, 0, 0)
    for at in 0..<count where mask[at] != 0 {
      drawn += 1
      if places.pointer[Int(codes[at])] < 0 {
        places.pointer[Int(codes[at])] = Float(eventCount)
        eventCount += 1
      }
      if (at + 1) % steps != 0, mask[at + 1] != 0 { stateCount += 1 }
    }
    self.drawn = drawn
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
