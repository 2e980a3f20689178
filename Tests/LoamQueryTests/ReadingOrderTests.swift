import Testing

@testable import LoamQuery

@Suite("Reading order")
struct ReadingOrderTests {
  @Test func `Every row is read once, whatever the windows`() {
    let sizes = [5, 3, 0, 7, 1, 4]
    for windowRows in [1, 6, 8, 100] {
      let order = ReadingOrder(groupRows: sizes, windowRows: windowRows, seed: 3, epoch: 2)
      #expect(order.rowCount == 20)
      #expect(order.windows.flatMap(\.groups).sorted() == [0, 1, 3, 4, 5])
      var start = 0
      for (index, window) in order.windows.enumerated() {
        #expect(window.start == start)
        #expect(order.rows(ofWindow: index).sorted() == Array(0..<UInt32(window.rowCount)))
        start += window.rowCount
      }
    }
  }

  @Test func `A log that fits the window is shuffled whole`() {
    let order = ReadingOrder(groupRows: [8, 8, 8], windowRows: 24, seed: 1, epoch: 0)
    #expect(order.windows.count == 1)
  }

  @Test func `Seed and epoch decide the order, and nothing else`() {
    func rows(_ seed: UInt64, _ epoch: Int) -> [UInt32] {
      ReadingOrder(groupRows: [100], windowRows: 100, seed: seed, epoch: epoch).rows(ofWindow: 0)
    }
    #expect(rows(1, 0) == rows(1, 0))
    #expect(rows(1, 0) != rows(1, 1))
    #expect(rows(1, 0) != rows(2, 0))
  }

  @Test func `Without a seed the order is the log's`() {
    let order = ReadingOrder(groupRows: [2, 2], windowRows: 1, seed: nil, epoch: 9)
    #expect(order.windows.map(\.groups) == [[0], [1]])
    #expect(order.rows(ofWindow: 1) == [0, 1])
  }

  @Test func `The generator repeats itself and keeps its bound`() {
    var generator = SeededGenerator(seed: 1)
    let first = (0..<3).map { _ in generator.next() }
    var again = SeededGenerator(seed: 1)
    #expect(first == (0..<3).map { _ in again.next() })
    var bounded = SeededGenerator(seed: 7, 1, 2)
    #expect((0..<1_000).allSatisfy { _ in (0..<10).contains(bounded.below(10)) })
  }
}
