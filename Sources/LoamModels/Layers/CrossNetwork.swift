import LoamTensor

/// Cross layers of DCN-v2 on `[batch, inputs]`, with whole matrices or mixtures of low-rank ones.
///
/// ```
/// whole      x' = x0 ⊙ (W x + b) + x
/// mixture    x' = Σ_i G_i(x) x0 ⊙ (U_i g(C_i g(V_iᵀ x)) + b) + x        g = tanh, G = softmax(gate x)
/// ```
/// Source: Wang et al., arXiv 2008.13535, eq. 1 and 4. The gates of a mixture add up to one, so the sum over the experts
/// is one product of the gated inner vectors, side by side, with the U_i, side by side.
public struct CrossNetwork: Sendable {
  private struct Mixture {
    let down: Linear
    let inner: Parameter
    let gate: Linear
  }
  private struct Layer {
    let weight, bias: Parameter
    let mixture: Mixture?
  }
  private let layers: [Layer]
  private let experts: Int

  /// - Parameter rank: of a mixture's matrices; 0: whole matrices, and `experts` is not read.
  public init(_ name: String, inputs: Int, layers: Int, rank: Int, experts: Int, seed: UInt64) {
    self.experts = experts
    self.layers = (0..<layers).map { index in
      let layer = "\(name).\(index)"
      let inner = rank > 0 ? rank * experts : inputs
      var mixture: Mixture?
      if rank > 0 {
        mixture = Mixture(
          down: Linear("\(layer).down", inputs: inputs, outputs: inner, bias: false, seed: seed),
          inner: Initialiser.xavierNormal.parameter("\(layer).inner", Shape(experts, rank, rank), seed: seed),
          gate: Linear("\(layer).gate", inputs: inputs, outputs: experts, seed: seed))
      }
      return Layer(
        weight: Initialiser.xavierNormal.parameter("\(layer).weight", Shape(inputs, inner), seed: seed),
        bias: Initialiser.zeros.parameter("\(layer).bias", Shape(inputs), seed: seed), mixture: mixture)
    }
  }

  public var parameters: [Parameter] {
    layers.flatMap { layer in
      [layer.weight, layer.bias]
        + (layer.mixture.map { $0.down.parameters + [$0.inner] + $0.gate.parameters } ?? [])
    }
  }

  public func callAsFunction(_ tape: Tape, _ x0: Variable) -> Variable {
    layers.reduce(x0) { x, layer in
      let input = layer.mixture.map { gated(tape, x, $0) } ?? x
      return tape.cross(
        x0: x0, input: input, weight: tape.parameter(layer.weight), bias: tape.parameter(layer.bias), skip: x)
    }
  }

  /// `G_i g(C_i g(V_iᵀ x))` of all experts: `[batch, experts · rank]`.
  private func gated(_ tape: Tape, _ x: Variable, _ mixture: Mixture) -> Variable {
    let (batch, rank) = (x.shape[0], mixture.inner.value.shape[1])
    let low = tape.reshape(tape.tanh(mixture.down(tape, x)), Shape(batch, experts, rank))
    let inner = tape.tanh(tape.groupedMatmul(low, tape.parameter(mixture.inner)))
    let shares = tape.softmax(mixture.gate(tape, x))
    return tape.reshape(tape.scaleRows(inner, by: shares), Shape(batch, experts * rank))
  }
}
