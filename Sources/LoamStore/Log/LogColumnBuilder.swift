import LoamSchema

/// One column of the row group that is being filled.
struct LogColumnBuilder {
  let kind: LogColumnKind
  private(set) var column: RowGroup.Column
  /// Code of each distinct ID.
  private var codes: [ID: UInt32] = [:]

  init(_ kind: LogColumnKind, missing rows: Int = 0) {
    self.kind = kind
    column = kind.missing(rows)
  }

  /// - Parameter translation: our code of each code of `source`, found so far; to be emptied with a new group.
  mutating func append(_ source: RowGroup.Column, _ rows: Range<Int>, translation: inout [UInt32]) {
    let placeholder = RowGroup.Column.real([])
    switch (column, source) {
    case (.real(var values), .real(let new)):
      column = placeholder
      values += new[rows]
      column = .real(values)
    case (.time(var values), .time(let new)):
      column = placeholder
      values += new[rows]
      column = .time(values)
    case (.ids(var ids), .ids(let new)):
      // The placeholder lets go of the arrays, so that they grow in place.
      column = placeholder
      append(new, rows, to: &ids, &translation)
      column = .ids(ids)
    default: preconditionFailure("a column of another kind")
    }
  }

  private mutating func append(
    _ new: CodedIDs, _ rows: Range<Int>, to ids: inout CodedIDs, _ translation: inout [UInt32]
  ) {
    if translation.isEmpty { translation = [UInt32](repeating: CodedIDs.missing, count: new.distinct.count) }
    var values = rows
    if let offsets = new.offsets {
      values = Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound])
      let shift = UInt32(ids.codes.count) &- offsets[rows.lowerBound]
      for row in rows { ids.offsets!.append(offsets[row + 1] &+ shift) }
      if let weights = new.weights { ids.weights! += weights[values] }
    }
    for value in values {
      let code = new.codes[value]
      if code == CodedIDs.missing {
        ids.codes.append(code)
        continue
      }
      if translation[Int(code)] == CodedIDs.missing {
        let id = new.distinct[Int(code)]
        // The reserved ID and the code of a missing value are one thing, and stored as one.
        if id == .missing && kind == .id {
          ids.codes.append(CodedIDs.missing)
          continue
        }
        translation[Int(code)] = self.code(of: id, &ids.distinct)
      }
      ids.codes.append(translation[Int(code)])
    }
  }

  private mutating func code(of id: ID, _ distinct: inout [ID]) -> UInt32 {
    if let code = codes[id] { return code }
    let code = UInt32(distinct.count)
    codes[id] = code
    distinct.append(id)
    return code
  }

  mutating func appendMissing(_ rows: Int) {
    var none: [UInt32] = []
    append(kind.missing(rows), 0..<rows, translation: &none)
  }

  var isMissing: Bool { column.isMissing }
}

extension RowGroup.Column {
  /// No row has a value.
  var isMissing: Bool {
    switch self {
    case .real(let values): values.allSatisfy(\.isNaN)
    case .time(let values): values.allSatisfy { $0 == .absent }
    case .ids(let ids): ids.codes.allSatisfy { $0 == CodedIDs.missing }
    }
  }
}
