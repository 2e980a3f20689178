import LoamTensor
import OneDNN
import Testing

@Suite struct TapeTests {
  /// Two linear layers, batch norm, dropout, loss: one step.
  static func step(_ tape: Tape, _ parameters: [Parameter], _ running: RunningStatistics, rows: Int) -> Float {
    tape.begin()
    let x = tape.arena.tensor(Shape(rows, 8))
    for i in 0..<x.count { x.pointer[i] = CounterRandom(seed: 3).normal(UInt64(i)) }
    let labels = tape.arena.tensor(Shape(rows))
    for i in 0..<rows { labels.pointer[i] = x.pointer[8 * i] > 0 ? 1 : 0 }
    let p = parameters.map { tape.parameter($0) }
    var h = tape.linear(tape.input(x), weight: p[0], bias: p[1])
    h = tape.relu(tape.batchNorm(h, gamma: p[2], beta: p[3], running: running, training: true))
    h = tape.dropout(h, probability: 0.25, key: DropoutKey(seed: 1, step: 1, layer: "a"))
    let loss = tape.crossEntropy(tape.linear(h, weight: p[4]), labels: labels)
    tape.backward(from: loss)
    tape.addGradientsToParameters()
    return tape.value(of: loss).values[0]
  }

  static func parameters() -> [Parameter] {
    let shapes = [Shape(16, 8), Shape(16), Shape(16), Shape(16), Shape(1, 16)]
    return shapes.enumerated().map { index, shape in
      let random = CounterRandom(seed: 5, stream: UInt64(index))
      return Parameter("p\(index)", Tensor(shape, (0..<shape.count).map { 0.3 * random.normal(UInt64($0)) }))
    }
  }

  @Test func `a step like the one before allocates no tensor and makes no oneDNN primitive`() {
    let tape = Tape(), parameters = Self.parameters(), running = RunningStatistics(columns: 16)
    _ = Self.step(tape, parameters, running, rows: 64)
    let (storages, primitives) = (tape.arena.storagesMade, OneDNN.primitivesMade)
    for _ in 0..<5 { _ = Self.step(tape, parameters, running, rows: 64) }
    #expect(tape.arena.storagesMade == storages)
    #expect(OneDNN.primitivesMade == primitives && primitives > 0)
  }

  @Test func `Adam brings the loss of a separable problem down, the same way each time`() {
    func run() -> [Float] {
      let tape = Tape(), parameters = Self.parameters(), running = RunningStatistics(columns: 16)
      let adam = DenseAdam(parameters)
      return (0..<60).map { _ in
        let loss = Self.step(tape, parameters, running, rows: 128)
        adam.step(rate: 0.01)
        return loss
      }
    }
    let losses = run()
    #expect(losses.last! < 0.5 * losses[0])
    #expect(losses == run())
  }

  @Test func `a tape that no parameter feeds has nothing to do backwards`() {
    let tape = Tape()
    let x = tape.input(Tensor(Shape(3), [1, 2, 3]))
    tape.backward(from: tape.sum(x))
    #expect(tape.gradient(of: x) == nil)
  }

  @Test func `cutting the arena's sizes into classes wastes at most a quarter`() {
    let arena = Arena()
    for count in [65, 1000, 40_960, 1_638_400, 1_000_001] {
      let before = arena.bytesReserved
      _ = arena.tensor(Shape(count))
      let bytes = arena.bytesReserved - before
      #expect(bytes >= count * 4 && bytes <= count * 5)
    }
  }
}
