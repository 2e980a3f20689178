import LoamSchema

/// Applies changes to the rows of an ID table.
final class RowChangeWriter {
  let table: IDTableWriter
  private let initial: [InitialRow]

  init(_ write: Write, _ spec: TableSpec) throws(StoreError) {
    table = try IDTableWriter(write, spec)
    var initial: [InitialRow] = []
    for column in spec.columns { initial.append(try InitialRow(column, table: spec.name, generation: 0)) }
    self.initial = initial
  }

  /// Returns what the rows add to the table's root.
  func apply(_ changes: RowChanges) throws(StoreError) -> UInt128 {
    try table.putEarlyIfFull()
    var delta: UInt128 = 0
    var rows: [RowReference] = []
    for (position, id) in changes.ids.enumerated() {
      let known = try table.find(id)
      guard known.isNone == changes.isNew else {
        throw StoreError(
          .mismatch, "\(table.spec.name): ID \(id) is said to be \(changes.isNew ? "new" : "known"), and is not")
      }
      if changes.isNew {
        let string = changes.strings.isEmpty ? nil : changes.strings[position]
        rows.append(try table.findOrInsert(id, string: string))
        delta &+= Self.hash(of: id, string)
      } else {
        rows.append(known)
      }
    }
    for column in changes.columns { delta &+= try apply(column, changes.ids, rows) }
    return delta
  }

  /// Takes rows away. Returns what that adds to the table's root.
  func remove(_ ids: [ID]) throws(StoreError) -> UInt128 {
    let salts = table.spec.columns.map { RowHash.salt($0.name) }
    var delta: UInt128 = 0
    for id in ids {
      let row = try table.find(id)
      guard !row.isNone else {
        throw StoreError(.mismatch, "\(table.spec.name): ID \(id) is to be removed, and is not there")
      }
      delta &-= Self.hash(of: id, try table.string(of: row))
      for (index, column) in table.spec.columns.enumerated() {
        guard let stored = try table.storedRow(index, row), !initial[index].equals(id, stored) else { continue }
        let payload = UnsafeRawBufferPointer(start: stored, count: column.stride)
        delta &-= RowHash.of(salt: salts[index], key: id, payload: payload)
      }
      try table.remove(id)
    }
    return delta
  }

  private static func hash(of id: ID, _ string: String?) -> UInt128 {
    let sum = RowHash.of(salt: IDTableLayout.idSalt, key: id, payload: UnsafeRawBufferPointer(start: nil, count: 0))
    guard var string else { return sum }
    return string.withUTF8 {
      sum &+ RowHash.of(salt: IDTableLayout.stringSalt, key: id, payload: UnsafeRawBufferPointer($0))
    }
  }

  private func apply(_ column: RowChanges.Column, _ ids: [ID], _ rows: [RowReference]) throws(StoreError) -> UInt128 {
    let index = try table.columnIndex(column.name)
    guard table.spec.columns[index].stride == column.stride else {
      throw StoreError(
        .mismatch,
        "\(table.spec.name) column \(column.name): rows of \(column.stride) bytes, "
          + "\(table.spec.columns[index].stride) in this store")
    }
    let salt = RowHash.salt(column.name)
    let stride = column.stride
    var delta: UInt128 = 0
    for (position, row) in rows.enumerated() {
      let change = column.difference[position * stride..<(position + 1) * stride]
      if change.allSatisfy({ $0 == 0 }) { continue }
      try table.putEarlyIfFull()
      let stored = try table.mutableRow(index, row)
      let bytes = UnsafeMutableRawBufferPointer(start: stored, count: stride)
      if !initial[index].equals(ids[position], stored) {
        delta &-= RowHash.of(salt: salt, key: ids[position], payload: UnsafeRawBufferPointer(bytes))
      }
      for (byte, difference) in change.enumerated() { bytes[byte] ^= difference }
      if !initial[index].equals(ids[position], stored) {
        delta &+= RowHash.of(salt: salt, key: ids[position], payload: UnsafeRawBufferPointer(bytes))
      }
    }
    return delta
  }
}
