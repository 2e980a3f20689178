import LoamTensor

/// A causal transformer over events: `[batch, steps, width]` to the state after each event, of the same shape.
///
/// Positions are trained, one for each place of the sequence; sequences end at the last place, so a position says how
/// many events ago. States at padding mean nothing.
struct SequenceEncoder: Sendable {
  private let name: String
  private let settings: TransformerLayer.Settings
  private let seed: UInt64
  private let positions: Parameter
  private let norm: LayerNorm
  private let layers: [TransformerLayer]

  init(_ name: String, length: Int, width: Int, layers: Int, _ settings: TransformerLayer.Settings, seed: UInt64) {
    (self.name, self.settings, self.seed) = (name, settings, seed)
    positions = Initialiser.normal(deviation: 0.02).parameter(
      "\(name).positions", Shape(length * width), seed: seed)
    norm = LayerNorm("\(name).norm", columns: width)
    self.layers = (0..<layers).map { TransformerLayer("\(name).\($0)", width: width, settings, seed: seed) }
  }

  var parameters: [Parameter] { [positions] + norm.parameters + layers.flatMap(\.parameters) }

  func callAsFunction(_ tape: Tape, _ events: Variable, _ mask: Tensor, training: Bool, step: UInt64) -> Variable {
    let (batch, steps, width) = (events.shape[0], events.shape[1], events.shape[2])
    let placed = tape.add(tape.reshape(events, Shape(batch, steps * width)), row: tape.parameter(positions))
    var x = norm(tape, tape.reshape(placed, events.shape))
    x = tape.dropout(x, settings.dropout, name, training: training, seed: seed, step: step)
    for layer in layers { x = layer(tape, x, mask: mask, causal: true, training: training, step: step) }
    return x
  }
}
