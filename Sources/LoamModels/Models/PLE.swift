import LoamTensor

/// PLE: layers of experts of each task's own beside shared ones (CGC), gates that mix them, and a tower for each task.
///
/// ```
/// layer:  z_k' = Σ softmax(gate_k(z_k)) · [experts_k(z_k) ; experts_shared(z_s)]
///         z_s' = Σ softmax(gate_s(z_s)) · [experts_1(z_1) ; ... ; experts_shared(z_s)]      not in the last layer
/// ```
/// z is the flat vectors and dense features below the first layer. Logits `[batch, outputs]`. Reads `vector`. The shared
/// gate mixes all experts, as in the paper (FuxiCTR's mixes the shared ones alone). Without specific experts one layer
/// is MMoE. Source: Tang et al., RecSys 2020, eq. 1 to 6.
public final class PLE: Model {
  public struct Settings: ModelSettings {
    public var layers = 1
    public var sharedExperts = 8
    public var specificExperts = 1
    public var expertHidden: [Int] = [512, 256, 128]
    public var gateHidden: [Int] = []
    public var towerHidden: [Int] = [128, 64]
    public var activation: Activation = .relu
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.positive("layers", layers)
      try Check.positive("shared_experts", sharedExperts)
      guard specificExperts >= 0 else {
        throw ModelError(.badOption, "specific_experts is 0 or more, found \(specificExperts)")
      }
      try Check.widths("expert_hidden", expertHidden, canBeEmpty: false)
      try Check.widths("gate_hidden", gateHidden)
      try Check.widths("tower_hidden", towerHidden)
      try Check.share("dropout", dropout)
    }

    func network(_ hidden: [Int]) -> MLP.Settings {
      .init(hidden: hidden, activation: activation, batchNorm: batchNorm, dropout: dropout)
    }
  }
  private struct Layer {
    /// Of each task.
    let specific: [[MLP]]
    let shared: [MLP]
    let gates: [Gate]
    let sharedGate: Gate?

    var parameters: [Parameter] {
      specific.flatMap { $0.flatMap(\.parameters) } + shared.flatMap(\.parameters) + gates.flatMap(\.parameters)
        + (sharedGate?.parameters ?? [])
    }
    var buffers: [(name: String, tensor: Tensor)] {
      specific.flatMap { $0.flatMap(\.buffers) } + shared.flatMap(\.buffers)
    }
  }
  public static let name = "ple"
  public static let needs = ModelNeeds(vectors: true, weights: false)

  public let options: ModelOptions
  public var parameters: [Parameter] { layers.flatMap(\.parameters) + towers.parameters }
  public var buffers: [(name: String, tensor: Tensor)] { layers.flatMap(\.buffers) + towers.buffers }

  private let layers: [Layer]
  private let towers: Towers

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    let flat = try shape.flatWidth(of: Self.name), width = settings.expertHidden.last!
    let network = settings.network(settings.expertHidden)
    let all = settings.sharedExperts + shape.tasks.count * settings.specificExperts
    layers = (0..<settings.layers).map { index in
      let (prefix, inputs) = ("layer.\(index)", index == 0 ? flat : width)
      let experts = { (owner: String, count: Int) in
        (0..<count).map {
          MLP("\(prefix).\(owner).\($0)", inputs: inputs, outputs: nil, network, seed: seed)
        }
      }
      return Layer(
        specific: shape.tasks.map { experts("expert.\($0.name)", settings.specificExperts) },
        shared: experts("expert.shared", settings.sharedExperts),
        gates: shape.tasks.map {
          Gate(
            "\(prefix).gate.\($0.name)", inputs: inputs, experts: settings.sharedExperts + settings.specificExperts,
            hidden: settings.gateHidden, seed: seed)
        },
        sharedGate: index + 1 < settings.layers
          ? Gate("\(prefix).gate.shared", inputs: inputs, experts: all, hidden: settings.gateHidden, seed: seed)
          : nil)
    }
    towers = Towers(shape.tasks, inputs: width, settings.network(settings.towerHidden), seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    var shared = inputs.flat(tape)
    var tasks = layers[0].gates.map { _ in shared }
    for layer in layers {
      let common = layer.shared.map { $0(tape, shared, training: training, step: step) }
      let own = zip(layer.specific, tasks).map { experts, x in
        experts.map { $0(tape, x, training: training, step: step) }
      }
      tasks = layer.gates.indices.map {
        layer.gates[$0](tape, tasks[$0], own[$0] + common, training: training, step: step)
      }
      if let gate = layer.sharedGate {
        shared = gate(tape, shared, own.flatMap { $0 } + common, training: training, step: step)
      }
    }
    return ModelOutput(logits: towers(tape, tasks, training: training, step: step))
  }
}
