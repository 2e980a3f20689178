import LoamKernels
import LoamSchema

/// A column's part of a log's root: hash(column name, row number, value) of every row that has a value.
///
/// A missing value counts nothing, so that a column added later does not change the root of older rows.
enum LogColumnRoot {
  static let rowsSalt = RowHash.salt("/rows")

  /// The part that says how many rows there are.
  static func ofRows(_ rows: UInt64) -> UInt128 {
    rows == 0 ? 0 : RowHash.of(salt: rowsSalt, key: rows, payload: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// - Parameter first: the number of the row at position 0.
  static func sum(_ name: String, _ column: RowGroup.Column, _ positions: Range<Int>, first: UInt64) -> UInt128 {
    let salt = RowHash.salt(name)
    let (start, from) = (positions.lowerBound, first &+ UInt64(positions.lowerBound))
    switch column {
    case .real(let values):
      return UInt128(
        values.withUnsafeBytes {
          loam_hash128_reals(
            $0.assumingMemoryBound(to: UInt32.self).baseAddress.map { $0 + start }, positions.count, from, salt)
        })
    case .time(let values):
      return UInt128(
        values.withUnsafeBufferPointer {
          loam_hash128_times($0.baseAddress.map { $0 + start }, positions.count, from, salt)
        })
    case .ids(let ids):
      guard let offsets = ids.offsets else {
        return UInt128(
          ids.distinct.withUnsafeBufferPointer { distinct in
            ids.codes.withUnsafeBufferPointer {
              loam_hash128_ids(
                distinct.baseAddress, $0.baseAddress.map { $0 + start }, positions.count, from, salt)
            }
          })
      }
      var sum: UInt128 = 0
      var payload: [UInt64] = []
      for position in positions where offsets[position + 1] > offsets[position] {
        let values = Int(offsets[position])..<Int(offsets[position + 1])
        payload.removeAll(keepingCapacity: true)
        for value in values { payload.append(ids.distinct[Int(ids.codes[value])]) }
        if let weights = ids.weights { for value in values { payload.append(UInt64(weights[value].bitPattern)) } }
        payload.withUnsafeBytes { sum &+= RowHash.of(salt: salt, key: first &+ UInt64(position), payload: $0) }
      }
      return sum
    }
  }
}

extension UInt128 {
  fileprivate init(_ hash: loam_hash128) { self = UInt128(hash.high) << 64 | UInt128(hash.low) }
}
