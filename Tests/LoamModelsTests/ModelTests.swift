import LoamModels
import LoamTensor
import Testing

@Suite struct ModelTests {
  static let (batch, fields, dimension) = (4, 5, 3)
  static let vectors = numbers(1, Shape(batch, fields, dimension))
  static let weights = numbers(2, Shape(batch, fields))
  static let dense = numbers(3, Shape(batch, 2))

  static func numbers(_ stream: UInt64, _ shape: Shape) -> Tensor {
    Tensor(shape, (0..<shape.count).map { CounterRandom(seed: 4, stream: stream).normal(UInt64($0)) })
  }

  static func shape(tasks: [String] = ["click"], dense: Int = 2) -> ModelShape {
    ModelShape(
      fields: (0..<fields).map { FieldShape(name: "f\($0)", dimension: dimension) }, denseCount: dense,
      tasks: tasks.map { TaskShape(name: $0) })
  }

  static func logits(_ model: any Model, training: Bool = false, step: UInt64 = 1, dense: Bool = true) -> Tensor {
    let tape = Tape()
    let inputs = ModelInputs(
      vectors: model.needs.vectors ? tape.input(vectors) : nil,
      weights: model.needs.weights ? tape.input(weights) : nil, dense: dense ? tape.input(Self.dense) : nil)
    let logits = model.forward(tape, inputs, training: training, step: step).logits
    return Tensor(logits.shape, tape.value(of: logits).values)
  }

  @Test func `logistic regression is bias plus weights plus dense times its weight`() throws {
    let model = try LogisticRegression(shape: Self.shape(), options: [:], seed: 1)
    model.parameters[0].value.fill(0.25)
    let logits = Self.logits(model)
    for row in 0..<Self.batch {
      var sum: Float = 0.25
      for field in 0..<Self.fields { sum += Self.weights[row, field] }
      for i in 0..<2 { sum += Self.dense[row, i] * model.parameters[1].value[0, i] }
      #expect(abs(logits[row, 0] - sum) < 1e-5)
    }
  }

  @Test func `the second order of a factorization machine is the sum over all pairs`() throws {
    let model = try FactorizationMachine(shape: Self.shape(dense: 0), options: [:], seed: 1)
    let logits = Self.logits(model, dense: false)
    for row in 0..<Self.batch {
      var sum: Float = 0
      for i in 0..<Self.fields {
        sum += Self.weights[row, i]
        for j in 0..<i {
          for d in 0..<Self.dimension {
            let at = { (field: Int) in Self.vectors.values[(row * Self.fields + field) * Self.dimension + d] }
            sum += at(i) * at(j)
          }
        }
      }
      #expect(abs(logits[row, 0] - sum) < 1e-5)
    }
  }

  @Test func `DeepFM with several tasks has a logit for each`() throws {
    let model = try DeepFM(shape: Self.shape(tasks: ["click", "buy"]), options: ["hidden": [8]], seed: 1)
    let logits = Self.logits(model)
    #expect(logits.shape == Shape(Self.batch, 2))
    #expect((0..<Self.batch).allSatisfy { logits[$0, 0] != logits[$0, 1] })
  }

  @Test func `dropout acts in training only, and repeats for the same step`() throws {
    let model = try DeepFM(shape: Self.shape(), options: ["hidden": [16], "dropout": 0.5], seed: 1)
    let first = Self.logits(model, training: true, step: 1).values
    #expect(first == Self.logits(model, training: true, step: 1).values)
    #expect(first != Self.logits(model, training: true, step: 2).values)
    #expect(Self.logits(model, step: 1).values == Self.logits(model, step: 2).values)
  }
}
