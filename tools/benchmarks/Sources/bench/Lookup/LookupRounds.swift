import Foundation
import LoamStore

/// Loam's side of the rounds: one set of draws over a table that stays open.
final class LookupRounds {
  private static let onesMax = 200_000

  let draws: Draws
  private let table: LookupTable
  private let batches: [[UInt64]]
  private let out: UnsafeMutableBufferPointer<Float>

  init(_ table: LookupTable, _ draws: Draws) throws {
    (self.table, self.draws) = (table, draws)
    batches = draws.idBatches()
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Draws.batch * LookupTable.width * MemoryLayout<Float>.stride, alignment: 64)
    out = bytes.bindMemory(to: Float.self)
    _ = try seconds(batches: 0..<Draws.batches)
  }

  deinit { out.deallocate() }

  /// Seconds of batches, 65,536 IDs a call.
  func seconds(batches range: Range<Int>) throws -> Double {
    var seconds = 0.0
    for number in range {
      let rows = draws.rows[number * Draws.batch..<(number + 1) * Draws.batch]
      seconds += try table.read(batches[number], rows: rows, into: out)
    }
    return seconds
  }

  func batched() throws -> Double { Double(draws.rows.count) / (try seconds(batches: 0..<Draws.batches)) }

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

  /// Rows a second of `threads` that each read every batch, by the wall's clock.
  func together(threads: Int) throws -> Double {
    let table = table
    let batches = batches
    let start = Clock.wallSeconds()
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Draws.batch * LookupTable.width * 4, alignment: 64)
      for ids in batches {
        ids.withUnsafeBufferPointer { ids in try! table.reader.lookup(ids, column: 0, into: bytes) }
      }
      bytes.deallocate()
    }
    return Double(draws.rows.count * threads) / (Clock.wallSeconds() - start)
  }
}
