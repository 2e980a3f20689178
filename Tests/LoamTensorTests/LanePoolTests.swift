import Foundation
import LoamTensor
import Synchronization
import Testing

private struct Refusal: Error, Equatable { var item: Int }

@Suite(.timeLimit(.minutes(1))) struct LanePoolTests {
  @Test(arguments: [1, 2, 5])
  func `every item is done once, by no more threads at a time than allowed`(threads: Int) {
    let pool = LanePool(threads: threads)
    let seen = Mutex([Int](repeating: 0, count: 300)), running = Mutex((now: 0, most: 0))
    for _ in 0..<20 {
      pool.forEach(300) { item in
        running.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        seen.withLock { $0[item] += 1 }
        running.withLock { $0.now -= 1 }
      }
    }
    #expect(seen.withLock { $0.allSatisfy { $0 == 20 } })
    #expect(running.withLock { $0.most } <= threads)
  }

  @Test func `threads that have gone to sleep come for the next job`() {
    let pool = LanePool(threads: 3), done = Atomic(0), together = 3
    for pause in [0, 100, 3_000, 0, 3_000] as [UInt32] {
      usleep(pause)
      let arrived = Atomic(0)
      pool.lanes(together) { _, _ in
        arrived.add(1, ordering: .relaxed)
        // Ends only when each has a thread of its own.
        while arrived.load(ordering: .relaxed) < together { usleep(50) }
        done.add(1, ordering: .relaxed)
      }
    }
    #expect(done.load(ordering: .relaxed) == 5 * together)
  }

  @Test(arguments: [1, 2, 3, 8])
  func `lanes meet in sums although fewer of them may run at once`(threads: Int) {
    let pool = LanePool(threads: threads), lanes = 8, rounds = 50
    let totals = Mutex([[Float]](repeating: [], count: lanes)), running = Mutex((now: 0, most: 0))
    for _ in 0..<5 {
      totals.withLock { for lane in 0..<lanes { $0[lane] = [] } }
      pool.lanes(lanes) { lane, reduction in
        for round in 0..<rounds {
          running.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
          }
          var numbers: [Float] = [Float(lane * round), 1e-8 * Float(lane), 0.1 / Float(lane + 1)]
          running.withLock { $0.now -= 1 }
          numbers.withUnsafeMutableBufferPointer { reduction.sum($0, lane: lane) }
          totals.withLock { $0[lane] += numbers }
        }
      }
    }
    // In the order of the lanes, from the first.
    var expected: [Float] = []
    for round in 0..<rounds {
      var sum: [Float] = [0, 0, 0]
      for lane in 0..<lanes {
        let part = [Float(lane * round), 1e-8 * Float(lane), 0.1 / Float(lane + 1)]
        sum = lane == 0 ? part : zip(sum, part).map(+)
      }
      expected += sum
    }
    #expect(totals.withLock { $0.allSatisfy { $0 == expected } })
    #expect(running.withLock { $0.most } <= threads)
  }

  @Test func `the error of the smallest index is thrown, whichever thread is first`() {
    let pool = LanePool(threads: 3)
    for _ in 0..<50 {
      let error = #expect(throws: Refusal.self) {
        try pool.forEach(40) { item throws(Refusal) in if item % 7 == 3 { throw Refusal(item: item) } }
      }
      #expect(error == Refusal(item: 3))
    }
  }

  @Test func `gradients of lanes are summed in their order, chunk by chunk`() {
    let parameter = Parameter("w", Tensor(Shape(1, 40_000)))
    let tapes = (0..<3).map { _ in Tape() }
    for (index, tape) in tapes.enumerated() {
      tape.begin()
      let x = Tensor(Shape(1, 40_000), (0..<40_000).map { Float($0 % 97) * (index == 1 ? -1.7 : 0.3) })
      tape.backward(from: tape.linear(tape.input(x), weight: tape.parameter(parameter)))
    }
    let reduction = DenseReduction([parameter])
    #expect(reduction.chunks.count == 3)
    reduction.collect(tapes)
    LanePool(threads: 2).forEach(3) { reduction.sum(reduction.chunks[$0]) }
    let found = parameter.gradient.values
    parameter.gradient.fill(0)
    for tape in tapes { tape.addGradientsToParameters() }
    #expect(found == parameter.gradient.values)
    #expect(found[96] != 0)
  }
}
