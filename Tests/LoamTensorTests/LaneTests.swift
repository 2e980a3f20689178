import Foundation
import LoamTensor
import Synchronization
import Testing

/// Lanes on threads of their own that meet at each sum.
final class MeetingPoint: BatchReduction {
  private struct State {
    var parts: [Int: [Float]] = [:]
    var totals: [Float] = []
    var round = 0
  }
  private let lanes: Int
  private let state = Mutex(State())

  init(lanes: Int) { self.lanes = lanes }

  func sum(_ numbers: UnsafeMutableBufferPointer<Float>, lane: Int) {
    let mine = Array(numbers)
    let round = state.withLock { state in
      let round = state.round
      state.parts[lane] = mine
      if state.parts.count == lanes {
        state.totals = (0..<lanes).map { state.parts[$0]! }.reduce(Array(repeating: 0, count: mine.count)) {
          zip($0, $1).map(+)
        }
        state.parts = [:]
        state.round += 1
      }
      return round
    }
    while state.withLock({ $0.round }) == round { Thread.sleep(forTimeInterval: 0.0001) }
    _ = numbers.update(from: state.withLock { $0.totals })
  }
}

final class Results: Sendable {
  let found = Mutex([Int: (Float, [[Float]])]())
}

@Suite(.timeLimit(.minutes(1))) struct LaneTests {
  static let rows = 24, columns = 6
  static let x: [Float] = (0..<(rows * columns)).map { CounterRandom(seed: 11).normal(UInt64($0)) }
  static let labels: [Float] = (0..<rows).map { $0 % 5 == 0 ? .nan : Float($0 % 2) }

  static func parameters() -> [Parameter] {
    let weight = (0..<columns).map { 0.2 * Float($0) - 0.5 }
    return [
      Parameter("gamma", Tensor(Shape(columns), [Float](repeating: 1.5, count: columns))),
      Parameter("beta", Tensor(Shape(columns), weight)), Parameter("weight", Tensor(Shape(1, columns), weight)),
    ]
  }

  static func run(_ tape: Tape, _ parameters: [Parameter], _ running: RunningStatistics, rows: Range<Int>) -> Float {
    let p = parameters.map { tape.parameter($0) }
    let x = tape.input(
      Tensor(Shape(rows.count, columns), Array(x[(rows.lowerBound * columns)..<(rows.upperBound * columns)])))
    var h = tape.batchNorm(x, gamma: p[0], beta: p[1], running: running, training: true)
    h = tape.dropout(h, probability: 0.5, key: DropoutKey(seed: 1, step: 1, layer: "d"))
    let loss = tape.crossEntropy(tape.linear(h, weight: p[2]), labels: Tensor(Shape(rows.count), Array(labels[rows])))
    tape.backward(from: loss)
    return tape.value(of: loss).values[0]
  }

  @Test func `a batch cut into lanes has the loss, gradients and statistics of the whole`() {
    let whole = Tape(), expected = Self.parameters(), expectedRunning = RunningStatistics(columns: Self.columns)
    let loss = Self.run(whole, expected, expectedRunning, rows: 0..<Self.rows)
    whole.addGradientsToParameters()

    let cuts = [0..<7, 7..<16, 16..<Self.rows]
    let meeting = MeetingPoint(lanes: cuts.count)
    let parameters = Self.parameters(), running = RunningStatistics(columns: Self.columns)
    let results = Results()
    let threads = cuts.indices.map { lane in
      Thread {
        let tape = Tape(), own = Self.parameters()
        tape.begin(lane: Lane(index: lane, firstRow: cuts[lane].lowerBound, reduction: meeting))
        let share = Self.run(tape, own, running, rows: cuts[lane])
        tape.addGradientsToParameters()
        results.found.withLock { $0[lane] = (share, own.map { $0.gradient.values }) }
      }
    }
    for thread in threads { thread.start() }
    while results.found.withLock({ $0.count }) < cuts.count { Thread.sleep(forTimeInterval: 0.001) }
    let shares = results.found.withLock { $0 }
    #expect(abs(shares.values.reduce(0) { $0 + $1.0 } - loss) < 1e-6)
    for (index, parameter) in expected.enumerated() {
      for i in 0..<parameter.value.count {
        let sum = (0..<cuts.count).reduce(Float(0)) { $0 + shares[$1]!.1[index][i] }
        #expect(abs(sum - parameter.gradient.values[i]) < 1e-5, "\(parameters[index].name)[\(i)]")
      }
    }
    for (a, b) in zip(running.variance.values, expectedRunning.variance.values) { #expect(abs(a - b) < 1e-6) }
  }
}
