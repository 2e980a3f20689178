import LoamTensor

/// Linear layers, each followed by batch norm (optional), activation and dropout, in that order; then, where outputs are
/// asked for, a linear layer to them without any of these. `[batch, inputs]` to `[batch, outputs]`.
public struct MLP: Sendable {
  public struct Settings: ModelSettings, Equatable {
    /// Widths of the hidden layers.
    public var hidden: [Int] = [400, 400, 400]
    public var activation: Activation = .relu
    public var batchNorm = false
    public var dropout: Float = 0

    public init() {}

    public init(hidden: [Int], activation: Activation = .relu, batchNorm: Bool = false, dropout: Float = 0) {
      (self.hidden, self.activation, self.batchNorm, self.dropout) = (hidden, activation, batchNorm, dropout)
    }

    public func check() throws(ModelError) {
      try Check.widths("hidden", hidden)
      try Check.share("dropout", dropout)
    }
  }
  private struct Hidden {
    let name: String
    let linear: Linear
    let norm: BatchNorm?
  }
  /// Columns of the result.
  public let width: Int
  private let settings: Settings
  private let seed: UInt64
  private let hidden: [Hidden]
  private let output: Linear?

  /// - Parameter outputs: nil ends the stack with its last hidden layer.
  public init(_ name: String, inputs: Int, outputs: Int?, _ settings: Settings, seed: UInt64) {
    self.settings = settings
    self.seed = seed
    hidden = zip([inputs] + settings.hidden, settings.hidden).enumerated().map { index, widths in
      let layer = "\(name).\(index)"
      return Hidden(
        name: layer, linear: Linear(layer, inputs: widths.0, outputs: widths.1, seed: seed),
        norm: settings.batchNorm ? BatchNorm("\(layer).norm", columns: widths.1) : nil)
    }
    let last = settings.hidden.last ?? inputs
    output = outputs.map { Linear("\(name).output", inputs: last, outputs: $0, seed: seed) }
    width = outputs ?? last
  }

  public var parameters: [Parameter] {
    hidden.flatMap { $0.linear.parameters + ($0.norm?.parameters ?? []) } + (output?.parameters ?? [])
  }
  public var buffers: [(name: String, tensor: Tensor)] { hidden.flatMap { $0.norm?.buffers ?? [] } }

  public func callAsFunction(_ tape: Tape, _ x: Variable, training: Bool, step: UInt64) -> Variable {
    var x = x
    for layer in hidden {
      // Without a norm between them, oneDNN applies relu to the product while it is in registers.
      let fused = layer.norm == nil && settings.activation == .relu
      x = layer.linear(tape, x, relu: fused)
      if let norm = layer.norm { x = norm(tape, x, training: training) }
      if !fused { x = settings.activation(tape, x) }
      x = tape.dropout(x, settings.dropout, layer.name, training: training, seed: seed, step: step)
    }
    return output?(tape, x) ?? x
  }
}

extension Tape {
  /// Dropout of a layer by its name, in training only.
  func dropout(
    _ x: Variable, _ probability: Float, _ layer: String, training: Bool, seed: UInt64, step: UInt64
  ) -> Variable {
    guard training, probability > 0 else { return x }
    return dropout(x, probability: probability, key: DropoutKey(seed: seed, step: step, layer: layer))
  }
}
