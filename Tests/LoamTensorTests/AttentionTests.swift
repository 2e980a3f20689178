import Testing

@testable import LoamTensor

@Suite struct AttentionTests {
  static func numbers(_ stream: UInt64, _ shape: Shape) -> Tensor {
    Tensor(shape, (0..<shape.count).map { CounterRandom(seed: 5, stream: stream).normal(UInt64($0)) })
  }

  @Test func `padding changes nothing, and what may see nothing is zero`() {
    let (q, k, v) = (Self.numbers(1, Shape(1, 4, 2)), Self.numbers(2, Shape(1, 4, 2)), Self.numbers(3, Shape(1, 4, 2)))
    let mask = Tensor(Shape(1, 4), [0, 0, 1, 1])
    func attend() -> [Float] {
      let tape = Tape()
      let y = tape.attention(
        queries: tape.input(q), keys: tape.input(k), values: tape.input(v), heads: 1, mask: mask, causal: true)
      return tape.value(of: y).values
    }
    let before = attend()
    #expect(before.prefix(4).allSatisfy { $0 == 0 })
    #expect(Array(before[4..<6]) == Array(v.values[4..<6]))
    for index in 0..<4 { (k.pointer[index], v.pointer[index]) = (9, -9) }
    #expect(attend() == before)
  }

  @Test func `a step sees no later place under a causal mask`() {
    let (q, k) = (Self.numbers(1, Shape(1, 5, 4)), Self.numbers(2, Shape(1, 5, 4)))
    func attend() -> [Float] {
      let tape = Tape()
      let y = tape.attention(
        queries: tape.input(q), keys: tape.input(k), values: tape.input(k), heads: 2, causal: true)
      return tape.value(of: y).values
    }
    let before = attend()
    k.pointer[4 * 4] += 1
    let after = attend()
    #expect(Array(before.prefix(16)) == Array(after.prefix(16)))
    #expect(before.suffix(4) != after.suffix(4))
  }

  @Test(arguments: [Float(0), 0.4])
  func `a batch is attended to as its rows are, in value and gradient, whatever blocks it is cut into`(
    probability: Float
  ) {
    let (batch, steps, places, width) = (45, 20, 19, 6)
    let q = Self.numbers(1, Shape(batch, steps, width)), k = Self.numbers(2, Shape(batch, places, width))
    let mask = Tensor(Shape(batch, places), (0..<batch * places).map { $0 % 7 == 3 ? 0 : 1 })
    /// The result and the gradients of queries and keys, which are the values too.
    func attend(_ rows: Range<Int>) -> [[Float]] {
      func part(_ a: Tensor) -> Tensor {
        let size = a.count / batch, shape = Shape([rows.count] + a.shape.axes.dropFirst())
        return Tensor(shape, Array(a.values[rows.lowerBound * size..<rows.upperBound * size]))
      }
      let tape = Tape()
      tape.begin(lane: Lane(firstRow: rows.lowerBound))
      let queries = tape.input(part(q), wantsGradient: true), keys = tape.input(part(k), wantsGradient: true)
      let y = tape.attention(
        queries: queries, keys: keys, values: keys, heads: 2, mask: part(mask),
        dropout: (probability, DropoutKey(seed: 1, step: 1, layer: "shares")))
      tape.backward(from: tape.sum(tape.square(y)))
      return [tape.value(of: y).values, tape.gradient(of: queries)!.values, tape.gradient(of: keys)!.values]
    }
    let whole = attend(0..<batch), rows = (0..<batch).map { attend($0..<$0 + 1) }
    for index in whole.indices { #expect(whole[index] == rows.flatMap { $0[index] }) }
  }

  @Test func `a layer norm has mean beta and variance gamma squared`() {
    let tape = Tape()
    let y = tape.layerNorm(
      tape.input(Self.numbers(4, Shape(3, 50))), gamma: tape.input(Tensor(Shape(50), [Float](repeating: 2, count: 50))),
      beta: tape.input(Tensor(Shape(50), [Float](repeating: 3, count: 50))))
    for row in 0..<3 {
      let values = tape.value(of: y).values[(row * 50)..<(row * 50 + 50)].map(Double.init)
      let mean = values.reduce(0, +) / 50
      #expect(abs(mean - 3) < 1e-4)
      #expect(abs(values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50 - 4) < 1e-3)
    }
  }

  @Test func `mixing vectors is a linear layer along them, in value and gradient, however many rows there are`() {
    let (x, weight) = (Self.numbers(7, Shape(150, 5, 3)), Self.numbers(8, Shape(4, 5)))
    func run(_ mix: (Tape, Variable, Variable) -> Variable) -> [[Float]] {
      let tape = Tape()
      let (a, w) = (tape.input(x, wantsGradient: true), tape.input(weight, wantsGradient: true))
      let y = mix(tape, a, w)
      tape.backward(from: tape.sum(tape.square(y)))
      return [tape.value(of: y).values, tape.gradient(of: a)!.values, tape.gradient(of: w)!.values]
    }
    let mixed = run { $0.mix($1, weight: $2) }
    let linear = run { $0.transpose($0.linear($0.transpose($1), weight: $2)) }
    for (mixed, linear) in zip(mixed, linear) {
      #expect(mixed.count == linear.count)
      #expect(zip(mixed, linear).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
    }
  }

  @Test func `a cross layer without weights is the layer before`() {
    let tape = Tape()
    let x = tape.input(Self.numbers(6, Shape(7, 5)))
    let y = tape.cross(
      x0: x, input: x, weight: tape.input(Tensor(Shape(5, 5))), bias: tape.input(Tensor(Shape(5))), skip: x)
    #expect(tape.value(of: y).values == tape.value(of: x).values)
  }

  @Test func `gelu is x times the normal distribution function, and pairs are in the order of rows`() {
    let tape = Tape()
    let y = tape.gelu(tape.input(Tensor(Shape(5), [-3, -1, 0, 1, 3])))
    let expected: [Float] = [-0.0040497, -0.1586553, 0, 0.8413447, 2.9959503]
    #expect(zip(tape.value(of: y).values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let e = tape.input(Tensor(Shape(1, 3, 2), [1, 2, 3, 4, 5, 6]))
    #expect(tape.value(of: tape.pairDots(e)).values == [11, 17, 39])
  }
}
