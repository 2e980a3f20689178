import LoamModels
import LoamTensor

/// What a model computes, as it recorded it itself.
///
/// The model runs forward twice, on two rows and on three. An axis that has the same length both times is fixed, one
/// that grew is a multiple of the batch: so a list of operations on numbers becomes a graph for any batch, and a new
/// model needs no exporter of its own.
///
/// ```
///   two rows     [2, 10, 16] ── reshape ── [2, 160]  ── linear ── [2, 400]
///   three rows   [3, 10, 16] ── reshape ── [3, 160]  ── linear ── [3, 400]
///   the graph    [B, 10, 16] ── reshape ── [B, 160]  ── linear ── [B, 400]
/// ```
struct NetworkTrace {
  enum Axis: Equatable {
    case fixed(Int)
    /// So many times the rows of the batch.
    case batch(Int)
  }
  /// The model's inputs on one tape.
  struct Inputs {
    var vectors, weights, dense: Variable?
    var sequences: [SequenceInput] = []
  }
  private static let rows = (2, 3)
  private let other: Tape
  let tape: Tape
  let inputs: Inputs
  let logits: Variable

  /// - Throws: `export.unsupported`: the model's operations depend on the batch in another way.
  init(_ model: any Model, _ shape: ModelShape) throws(ExportError) {
    (tape, inputs, logits) = Self.run(model, shape, rows: Self.rows.0)
    let (other, _, last) = Self.run(model, shape, rows: Self.rows.1)
    self.other = other
    guard tape.nodes.count == other.nodes.count, logits.index == last.index else {
      throw Self.unsupported("it does \(tape.nodes.count) operations on two rows, \(other.nodes.count) on three")
    }
  }

  private static func run(_ model: any Model, _ shape: ModelShape, rows: Int) -> (Tape, Inputs, Variable) {
    let tape = Tape()
    tape.begin()
    var inputs = Inputs()
    let dimension = shape.fields.first?.dimension ?? 0
    if model.needs.vectors, !shape.fields.isEmpty {
      inputs.vectors = input(tape, Shape(rows, shape.fields.count, dimension))
    }
    if model.needs.weights, !shape.fields.isEmpty { inputs.weights = input(tape, Shape(rows, shape.fields.count)) }
    inputs.sequences = shape.sequences.map { sequence in
      let mask = Tensor(Shape(rows, sequence.length))
      mask.fill(1)
      let known = { (isKnown: Bool) -> Tensor? in isKnown ? tape.value(of: input(tape, mask.shape)) : nil }
      return SequenceInput(
        vectors: input(tape, Shape(rows, sequence.length, sequence.dimension)), mask: mask,
        actions: known(sequence.actions > 0), ages: known(sequence.hasAges))
    }
    if shape.denseCount > 0 { inputs.dense = input(tape, Shape(rows, shape.denseCount)) }
    let given = ModelInputs(
      vectors: inputs.vectors, weights: inputs.weights, dense: inputs.dense, sequences: inputs.sequences)
    return (tape, inputs, model.forward(tape, given, training: false, step: 0).logits)
  }

  /// Numbers that differ from trace to trace: what a model makes of them beside the tape does not pass for a constant.
  private static func input(_ tape: Tape, _ shape: Shape) -> Variable {
    let random = CounterRandom(seed: UInt64(shape[0]), stream: "trace")
    return tape.input(Tensor(shape, (0..<shape.count).map { random.uniform(UInt64($0)) }))
  }

  static func unsupported(_ what: String) -> ExportError {
    ExportError(
      .unsupported, "the network cannot be written as a graph: \(what)",
      hint: "Export it as safetensors; a graph needs every operation of the model on its tape.")
  }

  func axes(_ index: Int) throws(ExportError) -> [Axis] {
    let (few, many) = (tape.nodes[index].value.shape, other.nodes[index].value.shape)
    guard few.rank == many.rank else { throw Self.unsupported("operation \(index) gives \(few), then \(many)") }
    var axes: [Axis] = []
    for (a, b) in zip(few.axes, many.axes) {
      if a == b {
        axes.append(.fixed(a))
      } else if a % Self.rows.0 == 0, a / Self.rows.0 * Self.rows.1 == b {
        axes.append(.batch(a / Self.rows.0))
      } else {
        throw Self.unsupported("operation \(index) gives \(few) for two rows, \(many) for three")
      }
    }
    return axes
  }

  /// The shape that a graph reshapes to, -1 for the axis that grows with the batch.
  func target(_ index: Int) throws(ExportError) -> [Int64] {
    let target = try axes(index).map { (axis) -> Int64 in
      if case .fixed(let length) = axis { Int64(length) } else { -1 }
    }
    guard target.count(where: { $0 < 0 }) <= 1 else {
      throw Self.unsupported("two axes of operation \(index) grow with the batch")
    }
    return target
  }

  /// A value that is the same for every batch.
  func constant(_ index: Int) throws(ExportError) -> Tensor {
    let (few, many) = (tape.nodes[index].value, other.nodes[index].value)
    guard few.shape == many.shape, few.values.map(\.bitPattern) == many.values.map(\.bitPattern) else {
      throw Self.unsupported("value \(index), \(few.shape), is made of the inputs beside the tape")
    }
    return few
  }

  /// Which sequence's mask the tensor is.
  func sequence(ofMask mask: Tensor) throws(ExportError) -> Int {
    guard let place = inputs.sequences.firstIndex(where: { $0.mask.sharesMemory(with: mask) }) else {
      throw Self.unsupported("a mask \(mask.shape) is not that of a sequence")
    }
    return place
  }
}
