import LoamTensor

/// One layer of DHEN: several crossing modules of the same vectors, joined, a shortcut added, each vector normalised.
///
/// ```
/// X [batch, m, dimension] ─┬─ module 1 ─┐
///                          ├─ module k ─┴─ sum | concatenation ─ + ─ LN ─ X' [batch, l, dimension]
///                          └─ shortcut: X, or X W where l ≠ m ───┘
/// ```
/// Each module makes as many vectors as the layer has outputs (when concatenated, its share of them):
///
/// - linear: `X W` along the vectors; attention: a transformer layer of X, then linear.
/// - dcn: `x ⊙ (W x + b)` of the flat X, without skip; dot: all inner products into an MLP; mlp: an MLP of the flat X.
///   These three are projected to the outputs where they are of another size.
///
/// Source: Zhang et al., arXiv 2203.11014, section 3; the cross is DCN-v2's.
struct DHENLayer: Sendable {
  enum Module: String, ModelChoice { case linear, attention, dcn, dot, mlp }
  enum Ensemble: String, ModelChoice { case sum, concat }

  private struct Crossing {
    var kind: Module
    /// Along the vectors, `[inputs] -> [outputs]`.
    var mix: Linear?
    var transformer: TransformerLayer?
    var weight, bias: Parameter?
    var mlp: MLP?
    /// From a flat result to the outputs.
    var project: Linear?

    var parameters: [Parameter] {
      (mix?.parameters ?? []) + (transformer?.parameters ?? []) + [weight, bias].compactMap { $0 }
        + (mlp?.parameters ?? []) + (project?.parameters ?? [])
    }
  }
  private let crossings: [Crossing]
  private let shortcut: Linear?
  private let norm: LayerNorm
  private let ensemble: Ensemble

  init(
    _ name: String, inputs: Int, outputs: Int, dimension: Int, modules: [Module], ensemble: Ensemble, heads: Int,
    hidden: [Int], dropout: Float, seed: UInt64
  ) {
    self.ensemble = ensemble
    let each = ensemble == .sum ? outputs : outputs / modules.count
    crossings = modules.enumerated().map { index, kind in
      let module = "\(name).\(index).\(kind.rawValue)"
      var crossing = Crossing(kind: kind)
      var flat = inputs * dimension
      switch kind {
      case .linear, .attention:
        crossing.mix = Linear("\(module).mix", inputs: inputs, outputs: each, bias: false, seed: seed)
        if kind == .attention {
          crossing.transformer = TransformerLayer(
            module, width: dimension, .init(heads: heads, dropout: dropout), seed: seed)
        }
        return crossing
      case .dcn:
        crossing.weight = Initialiser.xavierNormal.parameter("\(module).weight", Shape(flat, flat), seed: seed)
        crossing.bias = Initialiser.zeros.parameter("\(module).bias", Shape(flat), seed: seed)
      case .dot, .mlp:
        let width = kind == .dot ? inputs * (inputs - 1) / 2 : flat
        let mlp = MLP(module, inputs: width, outputs: nil, .init(hidden: hidden, dropout: dropout), seed: seed)
        flat = mlp.width
        crossing.mlp = mlp
      }
      if flat != each * dimension || kind != .dcn {
        crossing.project = Linear("\(module).project", inputs: flat, outputs: each * dimension, seed: seed)
      }
      return crossing
    }
    shortcut =
      inputs == outputs
      ? nil : Linear("\(name).shortcut", inputs: inputs, outputs: outputs, bias: false, seed: seed)
    norm = LayerNorm("\(name).norm", columns: dimension)
  }

  var parameters: [Parameter] {
    crossings.flatMap(\.parameters) + (shortcut?.parameters ?? []) + norm.parameters
  }

  func callAsFunction(_ tape: Tape, _ x: Variable, training: Bool, step: UInt64) -> Variable {
    let (batch, inputs, dimension) = (x.shape[0], x.shape[1], x.shape[2])
    let flat = tape.reshape(x, Shape(batch, inputs * dimension))
    let parts = crossings.map { crossing in
      let part: Variable
      switch crossing.kind {
      case .linear: return along(tape, x, crossing.mix!)
      case .attention: return along(tape, crossing.transformer!(tape, x, training: training, step: step), crossing.mix!)
      case .dcn:
        part = tape.cross(
          x0: flat, input: flat, weight: tape.parameter(crossing.weight!), bias: tape.parameter(crossing.bias!),
          skip: nil)
      case .dot: part = crossing.mlp!(tape, tape.pairDots(x), training: training, step: step)
      case .mlp: part = crossing.mlp!(tape, flat, training: training, step: step)
      }
      let projected = crossing.project?(tape, part) ?? part
      return tape.reshape(projected, Shape(batch, projected.shape[1] / dimension, dimension))
    }
    let skip = shortcut.map { along(tape, x, $0) } ?? x
    let joined =
      ensemble == .sum
      ? parts.dropFirst().reduce(parts[0]) { tape.add($0, $1) } : stack(tape, parts)
    return norm(tape, tape.add(joined, skip))
  }

  /// A linear layer along the vectors: `[batch, m, dimension]` to `[batch, l, dimension]`.
  private func along(_ tape: Tape, _ x: Variable, _ linear: Linear) -> Variable {
    tape.mix(x, weight: tape.parameter(linear.weight))
  }

  /// Vectors of all parts, one after the other.
  private func stack(_ tape: Tape, _ parts: [Variable]) -> Variable {
    let (batch, dimension) = (parts[0].shape[0], parts[0].shape[2])
    let flat = tape.concat(parts.map { tape.reshape($0, Shape(batch, $0.shape[1] * dimension)) })
    return tape.reshape(flat, Shape(batch, flat.shape[1] / dimension, dimension))
  }
}
