import LoamSchema

/// Takes the row keys of a log in, and says which of them are new.
///
/// Keys lie on disk like every table; in memory is what one write changes of them, within its budget.
public final class RowKeyWriter {
  /// To be flushed and rebased with the other tables of the write.
  public let table: IDTableWriter

  /// Rows in which two keys may have met before one of them is refused: chance never gets there.
  private static let chainMax = 64

  public init(_ write: Write, log: String) throws(StoreError) {
    table = try IDTableWriter(write, write.spec(TableName(.keys, log)))
  }

  /// Which of the keys were not there before; from now on all are. Of equal keys the first is new.
  public func insert(_ keys: [RowKey]) throws(StoreError) -> [Bool] {
    var isNew = [Bool](repeating: false, count: keys.count)
    if keys.isEmpty { return isNew }
    try table.putEarlyIfFull()
    let known = try knownChecks(keys)
    var unknown: [Int] = []
    var displaced: [Int] = []
    for (position, key) in keys.enumerated() {
      guard let check = known[position] else {
        unknown.append(position)
        continue
      }
      if check != key.check { displaced.append(position) }
    }
    try add(keys, unknown, &isNew, &displaced)
    for position in displaced { isNew[position] = try insertFurther(keys[position]) }
    return isNew
  }

  /// The checks of rows that keys lead to; `nil` where there is none.
  private func knownChecks(_ keys: [RowKey]) throws(StoreError) -> [UInt64?] {
    let rows = try references(keys.map(\.id)) { (ids, rows) throws(StoreError) in try table.find(ids, into: rows) }
    var checks = [UInt64](repeating: 0, count: keys.count)
    try rows.withUnsafeBufferPointer { (rows) throws(StoreError) in
      try checks.withUnsafeMutableBufferPointer { (checks) throws(StoreError) in
        if let start = checks.baseAddress { try table.read(0, rows, into: UnsafeMutableRawPointer(start)) }
      }
    }
    return checks.map { $0 == 0 ? nil : $0 }
  }

  private func add(
    _ keys: [RowKey], _ positions: [Int], _ isNew: inout [Bool], _ displaced: inout [Int]
  ) throws(StoreError) {
    let rows = try references(positions.map { keys[$0].id }) { (ids, rows) throws(StoreError) in
      try table.findOrInsert(ids, into: rows)
    }
    try rows.withUnsafeBufferPointer { (rows) throws(StoreError) in
      try table.update([0], rows) { group in
        let checks = group.rows(0, of: UInt64.self)
        for place in 0..<group.count {
          let position = positions[group.first + place]
          let check = checks[place]!
          if check.pointee == 0 {
            check.pointee = keys[position].check
            isNew[position] = true
          } else if check.pointee != keys[position].check {
            displaced.append(position)
          }
        }
      }
    }
  }

  /// A key whose first row another one has.
  private func insertFurther(_ key: RowKey) throws(StoreError) -> Bool {
    var id = key.id
    for _ in 0..<Self.chainMax {
      id = key.next(after: id)
      let row = try table.findOrInsert(id)
      let check = try table.row(0, row).loadUnaligned(as: UInt64.self)
      if check == key.check { return false }
      if check == 0 {
        try table.mutableRow(0, row).storeBytes(of: key.check, as: UInt64.self)
        return true
      }
    }
    throw StoreError(.hashCollision, "\(table.spec.name): \(Self.chainMax) keys have the same rows")
  }

  private func references(
    _ ids: [ID],
    _ body: (UnsafeBufferPointer<ID>, UnsafeMutableBufferPointer<RowReference>) throws(StoreError) -> Void
  ) throws(StoreError) -> [RowReference] {
    var rows = [RowReference](repeating: .none, count: ids.count)
    try ids.withUnsafeBufferPointer { (ids) throws(StoreError) in
      try rows.withUnsafeMutableBufferPointer { (rows) throws(StoreError) in try body(ids, rows) }
    }
    return rows
  }
}
