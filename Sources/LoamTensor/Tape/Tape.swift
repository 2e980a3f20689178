import LoamKernels

/// Records operations as they are computed, and walks back over them to find gradients (reverse mode).
///
/// ```swift
/// let tape = Tape()
/// tape.begin()
/// let x = tape.input(features)                                   // [batch, inner]
/// let logits = tape.linear(x, weight: tape.parameter(w), bias: tape.parameter(b))
/// let loss = tape.crossEntropy(logits, labels: labels)
/// tape.backward(from: loss)
/// tape.addGradientsToParameters()
/// ```
/// One thread uses a tape. Values and gradients live in the tape's arena until the next `begin`, and a step like the one
/// before allocates nothing.
public final class Tape {
  package struct Node {
    package var operation: Operation
    package var value: Tensor
    var gradient: Tensor?
    var wantsGradient: Bool
  }

  public let arena = Arena()
  public private(set) var lane = Lane()
  /// Of matrix products, forward and backward; everything else is f32.
  public let precision: Precision
  /// What was recorded since `begin`, in order: node i is the variable with index i.
  package internal(set) var nodes: [Node] = []
  /// Operands of operations that take any number of them.
  package internal(set) var operands: [Variable] = []
  /// Whether the gradient that is being propagated became an operand's gradient.
  private var handedOver = false

  public init(precision: Precision = .f32) { self.precision = precision }

  /// Forgets the last step and starts one; all its tensors end.
  public func begin(lane: Lane = Lane()) {
    nodes.removeAll(keepingCapacity: true)
    operands.removeAll(keepingCapacity: true)
    arena.reset()
    self.lane = lane
  }

  /// A value from outside. With `wantsGradient`, `gradient(of:)` has its gradient after `backward`.
  public func input(_ value: Tensor, wantsGradient: Bool = false) -> Variable {
    append(Node(operation: .input, value: value, gradient: nil, wantsGradient: wantsGradient))
  }

  public func parameter(_ parameter: Parameter) -> Variable {
    append(Node(operation: .parameter(parameter), value: parameter.value, gradient: nil, wantsGradient: true))
  }

  public func value(of variable: Variable) -> Tensor { nodes[variable.index].value }

  /// The gradient of an input or a parameter after `backward`; nil if the loss does not depend on it.
  public func gradient(of variable: Variable) -> Tensor? { nodes[variable.index].gradient }

  /// Finds the gradients of `loss` `[1]` with respect to all inputs that want one and all parameters.
  public func backward(from loss: Variable) {
    precondition(loss.shape.count == 1, "backward starts at one number, found \(loss.shape)")
    guard nodes[loss.index].wantsGradient else { return }
    let seed = arena.tensor(loss.shape)
    seed.fill(1)
    nodes[loss.index].gradient = seed
    for index in stride(from: loss.index, through: 0, by: -1) {
      let node = nodes[index]
      guard let dy = node.gradient, !node.operation.isLeaf else { continue }
      nodes[index].gradient = nil
      handedOver = false
      propagate(dy, of: node.value, through: node.operation)
      if !handedOver { arena.release(dy) }
    }
  }

  /// Adds this tape's gradients to the parameters'. Called lane after lane, so that the order of sums is fixed.
  public func addGradientsToParameters() {
    forEachParameterGradient { parameter, gradient in
      loam_f32_scale(parameter.gradient.pointer, gradient, 1, parameter.gradient.count, true)
    }
  }

  /// Visits the gradient of each use of a parameter, in the order of uses.
  public func forEachParameterGradient(_ body: (Parameter, UnsafePointer<Float>) -> Void) {
    for node in nodes {
      guard case .parameter(let parameter) = node.operation, let gradient = node.gradient else { continue }
      body(parameter, gradient.pointer)
    }
  }

  /// Gives a rule the place for an operand's gradient, if one is wanted: `body` writes there, or adds where the operand
  /// has a gradient from another use. With `reusing`, the place may be `dy` itself: the rule's last use of it.
  func flow(_ operand: Variable, reusing dy: Tensor? = nil, _ body: (UnsafeMutablePointer<Float>, Bool) -> Void) {
    guard let dy, wantsGradient(operand), nodes[operand.index].gradient == nil else {
      if let place = place(operand) { body(place.start, place.adding) }
      return
    }
    precondition(!handedOver && dy.count == operand.shape.count)
    let gradient = dy.reshaped(operand.shape)
    handedOver = true
    body(gradient.pointer, false)
    nodes[operand.index].gradient = gradient
  }

  /// Where an operand's gradient goes, if one is wanted, and whether to add to what is there. Who asks writes all of it.
  func place(_ operand: Variable) -> (start: UnsafeMutablePointer<Float>, adding: Bool)? {
    guard wantsGradient(operand) else { return nil }
    if let gradient = nodes[operand.index].gradient { return (gradient.pointer, true) }
    let gradient = arena.tensor(operand.shape)
    nodes[operand.index].gradient = gradient
    return (gradient.pointer, false)
  }

  func wantsGradient(_ variable: Variable) -> Bool { nodes[variable.index].wantsGradient }

  /// Computes a value into memory of the arena and records how.
  func record(
    _ operation: Operation, _ shape: Shape, from operands: Variable..., compute: (UnsafeMutablePointer<Float>) -> Void
  ) -> Variable {
    let value = arena.tensor(shape)
    compute(value.pointer)
    return append(operation, value, wantsGradient: operands.contains { nodes[$0.index].wantsGradient })
  }

  func append(_ operation: Operation, _ value: Tensor, wantsGradient: Bool) -> Variable {
    append(Node(operation: operation, value: value, gradient: nil, wantsGradient: wantsGradient))
  }

  private func append(_ node: Node) -> Variable {
    precondition(nodes.count < Self.nodesMax, "a step of more than \(Self.nodesMax) operations: was begin() forgotten?")
    nodes.append(node)
    return Variable(index: nodes.count - 1, shape: node.value.shape)
  }

  static let nodesMax = 100_000

  func pointer(_ variable: Variable) -> UnsafeMutablePointer<Float> { nodes[variable.index].value.pointer }
}

extension Operation {
  var isLeaf: Bool {
    switch self {
    case .input, .parameter: true
    default: false
    }
  }
}
