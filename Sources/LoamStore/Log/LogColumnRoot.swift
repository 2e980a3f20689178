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
    var sum: UInt128 = 0
    func add<T>(_ value: T, _ position: Int) {
      withUnsafeBytes(of: value) { sum &+= RowHash.of(salt: salt, key: first &+ UInt64(position), payload: $0) }
    }
    switch column {
    case .real(let values):
      for position in positions where !values[position].isNaN { add(values[position].bitPattern, position) }
    case .time(let values):
      for position in positions where values[position] != .absent { add(values[position], position) }
    case .ids(let ids):
      guard let offsets = ids.offsets else {
        for position in positions where ids.codes[position] != CodedIDs.missing {
          add(ids.distinct[Int(ids.codes[position])], position)
        }
        break
      }
      var payload: [UInt64] = []
      for position in positions where offsets[position + 1] > offsets[position] {
        let values = Int(offsets[position])..<Int(offsets[position + 1])
        payload.removeAll(keepingCapacity: true)
        for value in values { payload.append(ids.distinct[Int(ids.codes[value])]) }
        if let weights = ids.weights { for value in values { payload.append(UInt64(weights[value].bitPattern)) } }
        payload.withUnsafeBytes { sum &+= RowHash.of(salt: salt, key: first &+ UInt64(position), payload: $0) }
      }
    }
    return sum
  }
}
