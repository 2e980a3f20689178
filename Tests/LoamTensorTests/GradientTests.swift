import Testing

@testable import LoamTensor

/// Every rule of the table against central finite differences.
@Suite struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var shapes: [Shape]
    /// Away from zero, where relu has no derivative.
    var kink = false
    var build: @Sendable (Tape, [Variable]) -> Variable
    var testDescription: String { name }
  }

  static let labels = Tensor(Shape(6), [1, 0, .nan, 0.25, 1, 0])
  static let weights = Tensor(Shape(6), [1, 2, 3, 0.5, 0, 1.5])
  static let classes = Tensor(Shape(4), [2, 0, .nan, 1])
  static let key = DropoutKey(seed: 1, step: 2, layer: "mlp.0")
  static func running() -> RunningStatistics {
    let running = RunningStatistics(columns: 3)
    running.mean.copy(from: Tensor(Shape(3), [0.1, -0.2, 0.3]))
    running.variance.copy(from: Tensor(Shape(3), [0.5, 1.5, 2]))
    return running
  }

  static let cases: [Case] = [
    Case(name: "linear", shapes: [Shape(5, 4), Shape(3, 4), Shape(3)]) { $0.linear($1[0], weight: $1[1], bias: $1[2]) },
    Case(name: "linear without bias, three axes", shapes: [Shape(2, 3, 4), Shape(3, 4)]) {
      $0.linear($1[0], weight: $1[1])
    },
    Case(name: "linear with relu", shapes: [Shape(5, 1), Shape(3, 1)], kink: true) {
      $0.linear($1[0], weight: $1[1], relu: true)
    },
    Case(name: "matmul", shapes: [Shape(5, 4), Shape(4, 3)]) { $0.matmul($1[0], $1[1]) },
    Case(name: "add", shapes: [Shape(5, 4), Shape(5, 4)]) { $0.add($1[0], $1[1]) },
    Case(name: "add row", shapes: [Shape(2, 3, 4), Shape(4)]) { $0.add($1[0], row: $1[1]) },
    Case(name: "add column", shapes: [Shape(5, 4), Shape(5)]) { $0.add($1[0], column: $1[1]) },
    Case(name: "subtract", shapes: [Shape(5, 4), Shape(5, 4)]) { $0.subtract($1[0], $1[1]) },
    Case(name: "multiply", shapes: [Shape(5, 4), Shape(5, 4)]) { $0.multiply($1[0], $1[1]) },
    Case(name: "scale rows", shapes: [Shape(5, 21), Shape(5, 1)]) { $0.scaleRows($1[0], by: $1[1]) },
    Case(name: "scale", shapes: [Shape(7)]) { $0.scale($1[0], by: -2.5) },
    Case(name: "sum of the first axis", shapes: [Shape(3, 4, 5)]) { $0.sum($1[0], axis: 0) },
    Case(name: "mean of a middle axis", shapes: [Shape(3, 4, 5)]) { $0.mean($1[0], axis: 1) },
    Case(name: "sum of the last axis", shapes: [Shape(3, 4, 5)]) { $0.sum($1[0], axis: 2) },
    Case(name: "sum of all", shapes: [Shape(3, 4)]) { $0.sum($1[0]) },
    Case(name: "concat", shapes: [Shape(5, 4), Shape(5, 2), Shape(5, 3)]) { $0.concat($1[0], $1[1], $1[2]) },
    Case(name: "slice", shapes: [Shape(2, 3, 6)]) { $0.slice($1[0], columns: 2..<5) },
    Case(name: "reshape", shapes: [Shape(4, 6)]) { $0.square($0.reshape($1[0], Shape(2, 3, 4))) },
    Case(name: "pool", shapes: [Shape(6, 3)]) { $0.pool($1[0], offsets: [0, 2, 2, 5, 6]) },
    Case(name: "relu", shapes: [Shape(5, 4)], kink: true) { $0.relu($1[0]) },
    Case(name: "sigmoid", shapes: [Shape(5, 4)]) { $0.sigmoid($1[0]) },
    Case(name: "tanh", shapes: [Shape(5, 4)]) { $0.tanh($1[0]) },
    Case(name: "square", shapes: [Shape(5, 4)]) { $0.square($1[0]) },
    Case(name: "dropout", shapes: [Shape(5, 8)]) { $0.dropout($1[0], probability: 0.4, key: key) },
    Case(name: "batch norm in training", shapes: [Shape(6, 3), Shape(3), Shape(3)]) {
      $0.batchNorm($1[0], gamma: $1[1], beta: $1[2], running: running(), training: true)
    },
    Case(name: "batch norm in evaluation", shapes: [Shape(6, 3), Shape(3), Shape(3)]) {
      $0.batchNorm($1[0], gamma: $1[1], beta: $1[2], running: running(), training: false)
    },
    Case(name: "pair products", shapes: [Shape(4, 5, 3)]) { $0.pairProducts($1[0]) },
    Case(name: "cross entropy", shapes: [Shape(6, 1)]) { $0.crossEntropy($1[0], labels: labels, weights: weights) },
    Case(name: "square error", shapes: [Shape(6)]) { $0.squareError($1[0], labels: labels, weights: weights) },
    Case(name: "softmax cross entropy", shapes: [Shape(4, 3)]) { $0.softmaxCrossEntropy($1[0], labels: classes) },
    Case(name: "l2", shapes: [Shape(4, 3)]) { $0.l2($1[0]) },
  ]

  static func inputs(_ test: Case) -> [Tensor] {
    test.shapes.enumerated().map { index, shape in
      let random = CounterRandom(seed: 7, stream: UInt64(index))
      return Tensor(
        shape,
        (0..<shape.count).map { i in
          let x = random.normal(UInt64(i))
          return test.kink ? x + (x < 0 ? -0.2 : 0.2) : x
        })
    }
  }

  /// A fixed weight for each element of the result, so that the loss depends on all of them differently.
  static func factor(_ index: Int) -> Float { 0.5 + CounterRandom(seed: 9).uniform(UInt64(index)) }

  static func loss(_ test: Case, _ inputs: [Tensor]) -> Double {
    let tape = Tape()
    let y = test.build(tape, inputs.map { tape.input($0) })
    return tape.value(of: y).values.enumerated().reduce(0) { $0 + Double(factor($1.offset)) * Double($1.element) }
  }

  static func gradients(_ test: Case, _ inputs: [Tensor], uses: Int) -> [[Float]] {
    let tape = Tape()
    let variables = inputs.map { tape.input($0, wantsGradient: true) }
    let losses = (0..<uses).map { _ in
      let y = test.build(tape, variables)
      return tape.sum(tape.multiply(y, tape.input(Tensor(y.shape, (0..<y.shape.count).map(factor)))))
    }
    tape.backward(from: losses.dropFirst().reduce(losses[0]) { tape.add($0, $1) })
    return variables.map { tape.gradient(of: $0)!.values }
  }

  @Test(arguments: cases + layerCases)
  func `a gradient is the limit of differences`(_ test: Case) {
    let inputs = Self.inputs(test)
    let gradients = Self.gradients(test, inputs, uses: 1)
    let h: Float = 1 / 128
    for (input, gradient) in zip(inputs, gradients) {
      for i in 0..<input.count {
        let x = input.pointer[i]
        input.pointer[i] = x + h
        let above = Self.loss(test, inputs)
        input.pointer[i] = x - h
        let below = Self.loss(test, inputs)
        input.pointer[i] = x
        let expected = (above - below) / Double(2 * h)
        #expect(
          abs(Double(gradient[i]) - expected) < 1e-3 * (1 + abs(expected)), "element \(i): \(gradient[i]), \(expected)")
      }
    }
  }

  @Test(arguments: cases + layerCases)
  func `a value used twice gets the sum of both gradients`(_ test: Case) {
    let inputs = Self.inputs(test)
    let once = Self.gradients(test, inputs, uses: 1), twice = Self.gradients(test, inputs, uses: 2)
    for (one, two) in zip(once, twice) {
      for (a, b) in zip(one, two) { #expect(abs(2 * a - b) <= 1e-5 * (1 + abs(b))) }
    }
  }
}
