import LoamTensor

/// One layer of a transformer encoder, norms after the sums: `[batch, steps, width]` to the same.
///
/// ```
/// y  = LN(x + dropout(W_o attention(W_q x, W_k x, W_v x)))
/// x' = LN(y + dropout(W₂ act(W₁ y)))
/// ```
/// Source: Vaswani et al., arXiv 1706.03762, section 3; with gelu as in BERT.
struct TransformerLayer: Sendable {
  struct Settings: Sendable {
    var heads = 2
    /// Inner width of the second part; 0: four times the width.
    var inner = 0
    var dropout: Float = 0
    var activation = Activation.gelu
    var initialiser = Initialiser.xavierNormal
  }
  private let name: String
  private let settings: Settings
  private let seed: UInt64
  private let query, key, value, output, up, down: Linear
  private let norm1, norm2: LayerNorm

  init(_ name: String, width: Int, _ settings: Settings, seed: UInt64) {
    (self.name, self.settings, self.seed) = (name, settings, seed)
    let linear = { (part: String, inputs: Int, outputs: Int) in
      Linear(
        "\(name).\(part)", inputs: inputs, outputs: outputs, initialiser: settings.initialiser, seed: seed)
    }
    (query, key, value) = (linear("query", width, width), linear("key", width, width), linear("value", width, width))
    output = linear("output", width, width)
    let inner = settings.inner > 0 ? settings.inner : 4 * width
    (up, down) = (linear("up", width, inner), linear("down", inner, width))
    norm1 = LayerNorm("\(name).norm1", columns: width)
    norm2 = LayerNorm("\(name).norm2", columns: width)
  }

  var parameters: [Parameter] {
    [query, key, value, output].flatMap(\.parameters) + norm1.parameters + up.parameters + down.parameters
      + norm2.parameters
  }

  func callAsFunction(
    _ tape: Tape, _ x: Variable, mask: Tensor? = nil, causal: Bool = false, training: Bool, step: UInt64
  ) -> Variable {
    var shares: (probability: Float, key: DropoutKey)?
    if training, settings.dropout > 0 {
      shares = (settings.dropout, DropoutKey(seed: seed, step: step, layer: "\(name).shares"))
    }
    let attended = tape.attention(
      queries: query(tape, x), keys: key(tape, x), values: value(tape, x), heads: settings.heads, mask: mask,
      causal: causal, dropout: shares)
    let y = norm1(tape, tape.add(x, dropped(tape, output(tape, attended), "attention", training, step)))
    let inner = settings.activation(tape, up(tape, y))
    return norm2(tape, tape.add(y, dropped(tape, down(tape, inner), "network", training, step)))
  }

  private func dropped(_ tape: Tape, _ x: Variable, _ part: String, _ training: Bool, _ step: UInt64) -> Variable {
    tape.dropout(x, settings.dropout, "\(name).\(part)", training: training, seed: seed, step: step)
  }
}
