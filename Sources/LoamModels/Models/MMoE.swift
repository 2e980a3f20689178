import LoamTensor

/// MMoE: experts shared by all tasks, a gate and a tower for each.
///
/// ```
/// x ─┬─ experts f_i(x) ─────────────────────────┐
///    └─ gate of task k: softmax ─ Σ_i g_i f_i(x) ┴─ tower of task k ─ its columns of logits [batch, outputs]
/// ```
/// x is the flat vectors and dense features. Reads `vector`. With one expert it is a shared bottom. Source: Ma et al.,
/// KDD 2018, eq. 5 to 7; gates may have hidden layers, as in FuxiCTR.
public final class MMoE: Model {
  public struct Settings: ModelSettings {
    public var experts = 8
    public var expertHidden: [Int] = [512, 256, 128]
    public var gateHidden: [Int] = []
    public var towerHidden: [Int] = [128, 64]
    public var activation: Activation = .relu
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.positive("experts", experts)
      try Check.widths("expert_hidden", expertHidden, canBeEmpty: false)
      try Check.widths("gate_hidden", gateHidden)
      try Check.widths("tower_hidden", towerHidden)
      try Check.share("dropout", dropout)
    }

    func network(_ hidden: [Int]) -> MLP.Settings {
      .init(hidden: hidden, activation: activation, batchNorm: batchNorm, dropout: dropout)
    }
  }
  public static let name = "mmoe"
  public static let needs = ModelNeeds(vectors: true, weights: false)

  public let options: ModelOptions
  public var parameters: [Parameter] {
    experts.flatMap(\.parameters) + gates.flatMap(\.parameters) + towers.parameters
  }
  public var buffers: [(name: String, tensor: Tensor)] { experts.flatMap(\.buffers) + towers.buffers }

  private let experts: [MLP]
  private let gates: [Gate]
  private let towers: Towers

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    let inputs = try shape.flatWidth(of: Self.name)
    experts = (0..<settings.experts).map {
      MLP("expert.\($0)", inputs: inputs, outputs: nil, settings.network(settings.expertHidden), seed: seed)
    }
    gates = shape.tasks.map {
      Gate(
        "gate.\($0.name)", inputs: inputs, experts: settings.experts, hidden: settings.gateHidden, seed: seed)
    }
    towers = Towers(
      shape.tasks, inputs: settings.expertHidden.last!, settings.network(settings.towerHidden), seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let x = inputs.flat(tape)
    let found = experts.map { $0(tape, x, training: training, step: step) }
    let mixed = gates.map { $0(tape, x, found, training: training, step: step) }
    return ModelOutput(logits: towers(tape, mixed, training: training, step: step))
  }
}
