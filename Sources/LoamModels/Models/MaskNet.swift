import LoamTensor

/// MaskNet: blocks that multiply their input by a mask made of the whole instance.
///
/// ```
/// block(h) = relu(LN(W (h ⊙ mask(x))))      mask(x) = W₂ relu(W₁ x + b₁) + b₂      x: flat vectors and dense features
/// serial:   h₀ = LN per field of the vectors, with dense; then block after block; linear
/// parallel: blocks of h₀ side by side; MLP
/// ```
/// Logits `[batch, outputs]`. Reads `vector`. The hidden width of a mask is `reduction_ratio` times that of its block:
/// the ratio multiplies. Source: Wang et al., arXiv 2102.07619, eq. 3 to 9; settings as in FuxiCTR.
public final class MaskNet: Model {
  public enum Structure: String, ModelChoice { case serial, parallel }

  public struct Settings: ModelSettings {
    public var structure: Structure = .serial
    /// Serial: a block each. Parallel: the MLP above the blocks.
    public var hidden: [Int] = [400, 400, 400]
    /// Of the parallel structure.
    public var blocks = 3
    public var blockWidth = 64
    public var reductionRatio: Float = 1
    public var dropout: Float = 0

    public init() {}

    public func check() throws(ModelError) {
      try Check.widths("hidden", hidden, canBeEmpty: structure == .parallel)
      try Check.positive("blocks", blocks)
      try Check.positive("block_width", blockWidth)
      try Check.share("dropout", dropout)
      guard reductionRatio > 0 else {
        throw ModelError(.badOption, "reduction_ratio is above 0, found \(reductionRatio)")
      }
    }
  }
  private struct Block {
    let name: String
    let mask1, mask2, linear: Linear
    let norm: LayerNorm

    init(_ name: String, instance: Int, inputs: Int, outputs: Int, ratio: Float, seed: UInt64) {
      self.name = name
      let width = max(1, Int(Float(outputs) * ratio))
      mask1 = Linear("\(name).mask1", inputs: instance, outputs: width, seed: seed)
      mask2 = Linear("\(name).mask2", inputs: width, outputs: inputs, seed: seed)
      linear = Linear("\(name).linear", inputs: inputs, outputs: outputs, bias: false, seed: seed)
      norm = LayerNorm("\(name).norm", columns: outputs)
    }

    var parameters: [Parameter] { mask1.parameters + mask2.parameters + linear.parameters + norm.parameters }
  }
  public static let name = "masknet"
  public static let needs = ModelNeeds(vectors: true, weights: false)

  public let options: ModelOptions
  public var parameters: [Parameter] {
    [gamma, beta] + blocks.flatMap(\.parameters) + (mlp?.parameters ?? []) + (output?.parameters ?? [])
  }
  public var buffers: [(name: String, tensor: Tensor)] { [] }

  private let settings: Settings
  private let seed: UInt64
  /// Scale and shift of each field's vector, `[fields · dimension]`.
  private let gamma, beta: Parameter
  private let ones, zeros: Tensor
  private let blocks: [Block]
  private let mlp: MLP?
  private let output: Linear?

  public init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {
    let settings = try options.decode(Settings.self, of: Self.name)
    self.options = ModelOptions(settings)
    (self.settings, self.seed) = (settings, seed)
    let dimension = try shape.requireFields(of: Self.name)
    let instance = try shape.flatWidth(of: Self.name)
    gamma = Initialiser.ones.parameter("norm.gamma", Shape(shape.fields.count * dimension), seed: seed)
    beta = Initialiser.zeros.parameter("norm.beta", Shape(shape.fields.count * dimension), seed: seed)
    (ones, zeros) = (Tensor(Shape(dimension)), Tensor(Shape(dimension)))
    ones.fill(1)
    let serial = settings.structure == .serial
    let widths = serial ? settings.hidden : Array(repeating: settings.blockWidth, count: settings.blocks)
    blocks = widths.enumerated().map { index, width in
      Block(
        "block.\(index)", instance: instance, inputs: serial && index > 0 ? widths[index - 1] : instance,
        outputs: width, ratio: settings.reductionRatio, seed: seed)
    }
    output = serial ? Linear("output", inputs: widths.last!, outputs: shape.outputs, seed: seed) : nil
    mlp =
      serial
      ? nil
      : MLP(
        "mlp", inputs: settings.blocks * settings.blockWidth, outputs: shape.outputs,
        .init(hidden: settings.hidden, dropout: settings.dropout), seed: seed)
  }

  public func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let instance = inputs.flat(tape)
    let vectors = inputs.vectors!
    let normal = tape.layerNorm(vectors, gamma: tape.input(ones), beta: tape.input(zeros))
    var hidden = tape.reshape(normal, Shape(vectors.shape[0], gamma.value.count))
    hidden = tape.add(tape.scaleColumns(hidden, by: tape.parameter(gamma)), row: tape.parameter(beta))
    if let dense = inputs.dense { hidden = tape.concat(hidden, dense) }
    if let output {
      for block in blocks { hidden = apply(tape, block, hidden, instance, training: training, step: step) }
      return ModelOutput(logits: output(tape, hidden))
    }
    let parts = blocks.map { apply(tape, $0, hidden, instance, training: training, step: step) }
    return ModelOutput(logits: mlp!(tape, tape.concat(parts), training: training, step: step))
  }

  private func apply(
    _ tape: Tape, _ block: Block, _ hidden: Variable, _ instance: Variable, training: Bool, step: UInt64
  ) -> Variable {
    let mask = block.mask2(tape, block.mask1(tape, instance, relu: true))
    let x = tape.relu(block.norm(tape, block.linear(tape, tape.multiply(hidden, mask))))
    return tape.dropout(x, settings.dropout, block.name, training: training, seed: seed, step: step)
  }
}
