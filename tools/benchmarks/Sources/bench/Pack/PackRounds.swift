import Foundation
import Loam
import LoamKernels

/// A pack's side of the rounds: what `LookupRounds` does with a store.
final class PackRounds {
  private let table: PackTable
  private let column: PackTable.Column
  private var pack = loam_pack()
  private var header = loam_pack_column()
  private let draws: Draws
  /// Whether a row is its number to the bit.
  private let isExact: Bool
  private let batches: [[UInt64]]
  private let out: UnsafeMutableBufferPointer<Float>

  init(_ table: PackTable, at path: String, _ draws: Draws, isExact: Bool) throws {
    (self.table, self.draws, self.isExact) = (table, draws, isExact)
    column = try table.column("vector")
    batches = draws.idBatches()
    out = .allocate(capacity: Draws.batch * LookupTable.width)
    out.initialize(repeating: 0)
    var named = loam_pack_table()
    guard loam_pack_open(&pack, "\(path)/\(FrozenPack.fileName)") == loam_pack_ok,
      loam_pack_table_named(&pack, "lookup", &named) != 0, loam_pack_column_named(&named, "vector", &header) != 0
    else { throw Failure("the C header does not open \(path)") }
    _ = try seconds(from: 0, count: Draws.batches - 1)
    _ = try secondsByHeader(from: 0, count: Draws.batches - 1)
  }

  deinit {
    loam_pack_close(&pack)
    out.deallocate()
  }

  func seconds(from first: Int, count: Int) throws -> Double {
    try seconds(from: first, count: count) { ids in table.lookup(ids, column: column, into: out) }
  }

  /// By the header alone, as a server in C has it.
  func secondsByHeader(from first: Int, count: Int) throws -> Double {
    try seconds(from: first, count: count) { ids in
      loam_pack_lookup(&header, ids.baseAddress, ids.count, UInt32.max, out.baseAddress)
    }
  }

  /// Of batches, 65,536 IDs a call, one more before them.
  private func seconds(from first: Int, count: Int, _ lookup: (UnsafeBufferPointer<UInt64>) -> Void) throws -> Double {
    var seconds = 0.0
    for number in first...first + count {
      // The IDs are near, as where a request has just brought them.
      let ids = batches[number].map { $0 }
      ids.withUnsafeBufferPointer { ids in
        let start = Clock.cpuSeconds()
        lookup(ids)
        if number > first { seconds += Clock.cpuSeconds() - start }
      }
      for (position, row) in draws.rows[number * Draws.batch..<(number + 1) * Draws.batch].enumerated() {
        let wrong = abs(out[position * LookupTable.width + 15] - Float(row))
        guard isExact ? wrong == 0 : wrong <= Float(row) / 1_000_000 else { throw Failure("row \(row) is wrong") }
      }
    }
    return seconds
  }
}
