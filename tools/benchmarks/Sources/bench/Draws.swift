import Foundation

/// Which rows are asked for, as row numbers; peers read them from the same file.
struct Draws {
  static let batch = 65_536
  static let batches = 40

  let name: String
  let rows: [UInt32]
  let path: String

  /// Every row as likely as every other.
  static func uniform(_ count: Int, scratch: String) throws -> Draws {
    var random = Random(1)
    return try Draws("uniform", scratch, (0..<batch * batches).map { _ in UInt32(random.below(count)) })
  }

  /// Row r is asked for in proportion to (r + 1)^-exponent: rows that are asked for often came early.
  static func zipf(_ count: Int, exponent: Double, scratch: String) throws -> Draws {
    var sums = [Double](repeating: 0, count: count)
    var sum = 0.0
    for row in 0..<count {
      sum += pow(Double(row + 1), -exponent)
      sums[row] = sum
    }
    var random = Random(2)
    let rows = (0..<batch * batches).map { _ -> UInt32 in
      let wanted = random.unit() * sum
      var (low, high) = (0, count - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] < wanted { low = middle + 1 } else { high = middle }
      }
      return UInt32(low)
    }
    return try Draws("zipf(\(exponent))", scratch, rows)
  }

  /// Rows that are distinct within a batch.
  static func distinct(_ count: Int, batches: Int, scratch: String) throws -> Draws {
    guard count >= 2 * batch else { throw Failure("\(count) rows: distinct draws want at least \(2 * batch)") }
    var random = Random(3)
    var batchOf = [UInt16](repeating: .max, count: count)
    var rows: [UInt32] = []
    for number in 0..<batches {
      while rows.count < (number + 1) * batch {
        let row = random.below(count)
        if batchOf[row] == number { continue }
        batchOf[row] = UInt16(number)
        rows.append(UInt32(row))
      }
    }
    return try Draws("distinct", scratch, rows)
  }

  /// Every row once, in order.
  static func arriving(_ count: Int, scratch: String) throws -> Draws {
    try Draws("arriving", scratch, Array(0..<UInt32(count / batch * batch)))
  }

  private init(_ name: String, _ scratch: String, _ rows: [UInt32]) throws {
    (self.name, self.rows) = (name, rows)
    path = "\(scratch)/\(name)"
    try rows.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
  }

  /// The ID of a row, as peer.h has it.
  static func id(_ row: UInt32) -> UInt64 {
    var x = (UInt64(row) + 1) &* 0x9E37_79B9_7F4A_7C15
    x = (x ^ x >> 33) &* 0xff51_afd7_ed55_8ccd
    x = (x ^ x >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return x ^ x >> 33
  }

  /// The IDs of each batch.
  func idBatches() -> [[UInt64]] {
    (0..<rows.count / Self.batch).map { batch in rows[batch * Self.batch..<(batch + 1) * Self.batch].map(Self.id) }
  }
}

/// xorshift64*: draws that are the same everywhere.
struct Random {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
