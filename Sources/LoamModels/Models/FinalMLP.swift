import LoamTensor

/// FinalMLP: two MLPs over differently gated features, joined by a bilinear form of several heads.
///
/// ```
///    ┌─ gate 1 (context1) ─ MLP 1 ─ x ─┐
/// e ─┤                                 ├─ w_x x + w_y y + Σ_h x_hᵀ W_h y_h ─ logits [batch, outputs]
///    └─ gate 2 (context2) ─ MLP 2 ─ y ─┘
/// ```
/// Reads `vector`. Source: Mao et al., arXiv 2304.00902, eq. 4 to 11; settings as in FuxiCTR. There the gates have
/// vectors of their own for the fields of their contexts: to have that here, give the schema another field of the same
/// column with an ID space of its own, and list it under `context_only`.
public final class FinalMLP: Model {
  public struct Settings: ModelSettings {
    public var hidden1: [Int] = [400]
    public var hidden2: [Int] = [400]
    public var dropout1: Float = 0
    public var dropout2: Float = 0
    public var batchNorm = false
    public var activation: Activation = .relu
    public var heads = 1
    /// Fields that the gates depend on; none: a trained vector.
    public var context1: [String] = []
    public var context2: [String] = []
    /// Fields that gates read and the MLPs do not.
    public var contextOnly: [String] = []
    public var gateHidden: [Int] = [800]
    /// Without it both MLPs see all features as they are.
    public var featureSelection = true

    public init() {}

    public func check() throws(ModelError) {
      try Check.widths("hidden1", hidden1, canBeEmpty: false)
      try Check.widths("hidden2", hidden2, canBeEmpty: false)
      try Check.widths("gate_hidden", gateHidden)
      try Check.share("dropout1", dropout1)
      try Check.share("dropout2", dropout2)
      try Check.positive("heads", heads)
      guard hidden1.last! % heads == 0, hidden2.last! % heads == 0 else {
        throw ModelError(
          .badOption, "heads must divide the last widths \(hidden1.last!) and \(hidden2.last!), found \(heads)")
      }
    }
  }
  public static let name = "finalmlp"
  public static let needs = ModelNeeds(vectors: true, weights: false)

  public let options: ModelOptions
  public var parameters: [Parameter] {
    gates.flatMap(\.parameters) + mlps.flatMap(\.parameters) + linear.flatMap(\.parameters) + bilinear
  }
  public var buffers: [(name: String, tensor: Tensor)] { mlps.flatMap(\.buffers) }

  private let features: [Int32]?
  private let gates: [FeatureGate]
  private let mlps: [MLP]
  private let linear: [Linear]
  /// One an output: `[heads, width 1 / heads, width 2 / heads]`.
  private let bilinear: [Parameter]
  private let heads: Int

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    try shape.requireNoSequences(of: Self.name)
    let dimension = try shape.requireFields(of: Self.name)
    var hidden: Set<Int> = []
    for field in settings.contextOnly {
      hidden.insert(try shape.field(field, option: "context_only", of: Self.name))
    }
    let seen = shape.fields.indices.filter { !hidden.contains($0) }
    guard !seen.isEmpty else { throw ModelError(.badShape, "\(Self.name) has no field that is not in context_only") }
    features = hidden.isEmpty ? nil : seen.map { Int32($0) }
    let columns = seen.count * dimension + shape.denseCount
    var gates: [FeatureGate] = []
    if settings.featureSelection {
      for (index, context) in [settings.context1, settings.context2].enumerated() {
        var fields: [Int] = []
        for field in context { fields.append(try shape.field(field, option: "context\(index + 1)", of: Self.name)) }
        gates.append(
          FeatureGate(
            "gate\(index + 1)", fields: fields, dimension: dimension, columns: columns, hidden: settings.gateHidden,
            seed: seed))
      }
    }
    self.gates = gates
    mlps = [(settings.hidden1, settings.dropout1), (settings.hidden2, settings.dropout2)].enumerated().map {
      MLP(
        "mlp\($0 + 1)", inputs: columns, outputs: nil,
        .init(
          hidden: $1.0, activation: settings.activation, batchNorm: settings.batchNorm, dropout: $1.1), seed: seed)
    }
    linear = mlps.enumerated().map { Linear("output\($0 + 1)", inputs: $1.width, outputs: shape.outputs, seed: seed) }
    heads = settings.heads
    let widths = mlps.map { $0.width / settings.heads }
    bilinear = (0..<shape.outputs).map {
      Initialiser.xavierNormal.parameter(
        "bilinear.\($0)", Shape(settings.heads, widths[0], widths[1]), seed: seed)
    }
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let vectors = inputs.vectors!
    var seen = inputs
    if let features { seen.vectors = tape.take(vectors, features) }
    let flat = seen.flat(tape)
    let streams = mlps.enumerated().map { index, mlp in
      let x = gates.isEmpty ? flat : gates[index](tape, vectors, flat, training: training, step: step)
      return mlp(tape, x, training: training, step: step)
    }
    let first = tape.add(linear[0](tape, streams[0]), linear[1](tape, streams[1]))
    let (x, y) = (streams[0], streams[1])
    let grouped = tape.reshape(x, Shape(x.shape[0], heads, x.shape[1] / heads))
    let products = bilinear.map { matrix in
      let left = tape.reshape(tape.groupedMatmul(grouped, tape.parameter(matrix)), y.shape)
      return tape.reshape(tape.sum(tape.multiply(left, y), axis: 1), Shape(y.shape[0], 1))
    }
    return ModelOutput(logits: tape.add(first, products.count == 1 ? products[0] : tape.concat(products)))
  }
}
