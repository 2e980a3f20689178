import Foundation
import LoamStore

/// Loam's side of the rounds: one set of draws over a table that stays open.
final class LookupRounds {
  private static let onesMax = 200_000

  let draws: Draws
  private let table: LookupTable
  private let batches: [[UInt64]]
  private let ids = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: Draws.batch)
  private let out: UnsafeMutableBufferPointer<Float>

  init(_ table: LookupTable, _ draws: Draws) throws {
    (self.table, self.draws) = (table, draws)
    batches = draws.idBatches()
    _ = ids.initialize(from: repeatElement(0, count: Draws.batch))
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Draws.batch * LookupTable.width * MemoryLayout<Float>.stride, alignment: 64)
    out = bytes.bindMemory(to: Float.self)
    _ = try batched()
  }

  deinit {
    ids.deallocate()
    out.deallocate()
  }

  /// Seconds of batches, 65,536 IDs a call. One more batch before them is not timed, as it finds the cache that another
  /// process left.
  func seconds(from first: Int, count: Int) throws -> Double {
    var seconds = 0.0
    for number in first...first + count {
      let rows = draws.rows[number * Draws.batch..<(number + 1) * Draws.batch]
      // The IDs are near, as where a request has just brought them.
      _ = ids.update(fromContentsOf: batches[number])
      let taken = try table.read(UnsafeBufferPointer(ids), rows: rows, into: out)
      if number > first { seconds += taken }
    }
    return seconds
  }

  func batched() throws -> Double {
    Double((Draws.batches - 1) * Draws.batch) / (try seconds(from: 0, count: Draws.batches - 1))
  }

  /// Nanoseconds a call with one ID each: median and 99th percentile, two looks at the clock among them.
  func ones() throws -> (median: Double, p99: Double) {
    let ids = batches.joined().prefix(Self.onesMax)
    var times: [Double] = []
    times.reserveCapacity(ids.count)
    let reader = table.reader
    let row = UnsafeMutableRawPointer(out.baseAddress!)
    for id in ids {
      let start = Clock.wallSeconds()
      let found = try reader.lookup(id, column: 0, into: row)
      times.append(Clock.wallSeconds() - start)
      guard found else { throw Failure("ID \(id) is absent") }
    }
    times.sort()
    return (times[times.count / 2] * 1e9, times[times.count * 99 / 100] * 1e9)
  }

  /// Seconds of batches whose calls have some threads, by the wall's clock.
  func seconds(from first: Int, count: Int, threads: Int) throws -> Double {
    let out = UnsafeMutableRawBufferPointer(out)
    let start = Clock.wallSeconds()
    for number in first..<first + count {
      try batches[number].withUnsafeBufferPointer { ids in
        try table.reader.lookup(ids, column: 0, threads: threads, into: out)
      }
    }
    return Clock.wallSeconds() - start
  }
}
