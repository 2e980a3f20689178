import LoamKernels
import LoamSchema

extension ValueParser {
  /// Appends a field's values: one, or as many as the field keeps.
  @inline(__always)
  func appendIDs(_ field: Record.Field, _ ids: RowPlan.IDs, of record: borrowing Record, to values: inout [ParsedID])
    throws(RowFault)
  {
    if ids.field.shape == .single && field.kind == .text {
      values.append(ParsedID(id: try id(field.text, ids), text: field.text))
    } else {
      try appendSeveral(field, ids, of: record, to: &values)
    }
  }

  private func appendSeveral(
    _ field: Record.Field, _ ids: RowPlan.IDs, of record: borrowing Record, to values: inout [ParsedID]
  ) throws(RowFault) {
    let first = values.count
    switch field.kind {
    case .absent: break
    case .structure: throw refusal(field.text, ids, "expected a value or a flat array, found an object or nested array")
    case .text: try appendPieces(of: field.text, ids, to: &values)
    case .list:
      let range = Int(field.firstElement)..<Int(field.firstElement + field.elementCount)
      for index in range { try append(record.elements[index], ids, to: &values) }
    }
    let count = values.count - first
    if ids.field.shape == .single && count > 1 {
      throw refusal(field.text, ids, "\(count) values, expected one", "Declare `shape: multi` or `shape: sequence`.")
    }
    let surplus = count - ids.field.maximumLength
    if surplus <= 0 { return }
    if ids.field.shape == .sequence {
      values.removeSubrange(first..<first + surplus)
    } else {
      values.removeLast(surplus)
    }
  }

  /// The values of a text, between separators. An empty piece is no value.
  private func appendPieces(of text: Record.Text, _ ids: RowPlan.IDs, to values: inout [ParsedID]) throws(RowFault) {
    let separator = ids.separator
    var start = 0
    while start <= text.count {
      var end = text.count
      if !separator.isEmpty, let found = text.firstIndex(of: separator, from: start) { end = found }
      var piece = Record.Text(start: text.start + start, count: end - start)
      if plan.schema.format.trim { piece = piece.trimmed }
      start = end + max(1, separator.count)
      if isMissing(piece) { continue }
      guard let weightStart = piece.lastIndex(of: ids.weightSeparator) else {
        values.append(ParsedID(id: try id(piece, ids), text: piece))
        continue
      }
      let value = piece.prefix(weightStart)
      let weight = try weight(piece.suffix(from: weightStart + ids.weightSeparator.count), ids)
      values.append(ParsedID(id: try id(value, ids), text: value, weight: weight))
    }
  }

  private func append(_ element: Record.Element, _ ids: RowPlan.IDs, to values: inout [ParsedID]) throws(RowFault) {
    if isMissing(element.text) { return }
    var value = ParsedID(id: try id(element.text, ids), text: element.text)
    if let text = element.weight {
      value.weight = try weight(text, ids)
      if value.weight != 1 && ids.field.weightSeparator == nil {
        throw refusal(
          text, ids, "a weight, but the field has none",
          "Declare `shape: multi` and `weight_separator`, so that weights are kept.")
      }
    }
    values.append(value)
  }

  private func weight(_ text: Record.Text, _ ids: RowPlan.IDs) throws(RowFault) -> Float {
    guard let value = parseReal(text), Float(value).isFinite else {
      throw refusal(text, ids, "expected a number as the weight of a value")
    }
    return Float(value)
  }

  @inline(__always)
  private func id(_ text: Record.Text, _ ids: RowPlan.IDs) throws(RowFault) -> ID {
    if !ids.field.bucketise.isEmpty { return try bucket(text, ids) }
    switch ids.field.kind {
    case .integer:
      if let id = parseUnsigned(text), id <= ID.largest { return id }
      let isNegative = text.count > 0 && text.start[0] == UInt8(ascii: "-")
      throw refusal(
        text, ids, "expected an integer ID, 0 ... \(ID.largest)",
        (isNegative ? "Negative IDs and other text" : "Text and longer numbers")
          + " need a string field: declare it as `kind: string`.")
    case .string:
      if let reason = text.refusalAsString() { throw refusal(text, ids, reason) }
      let id = loam_hash_bytes(text.start, text.count)
      if id <= ID.largest { return id }
      throw refusal(text, ids, "a string whose hash is a reserved ID", "Change it; one string in 2^63 is refused so.")
    }
  }

  /// The number of boundaries that are <= the value.
  private func bucket(_ text: Record.Text, _ ids: RowPlan.IDs) throws(RowFault) -> ID {
    guard let value = parseReal(text) else { throw refusal(text, ids, "expected a number") }
    return ID(ids.field.bucketise.count { $0 <= value })
  }

  private func refusal(
    _ text: Record.Text, _ ids: RowPlan.IDs, _ reason: String, _ hint: String? = nil
  ) -> RowFault {
    RowFault(text, column: plan.columns[ids.source], reason, hint: hint)
  }
}

extension Record.Text {
  func firstIndex(of pattern: [UInt8], from: Int) -> Int? {
    var index = from
    while let first = bytes.index(of: pattern[0], from: index), first + pattern.count <= count {
      if Record.Text(start: start + first, count: pattern.count).bytes.equals(pattern) { return first }
      index = first + 1
    }
    return nil
  }

  /// `nil` for an empty pattern.
  func lastIndex(of pattern: [UInt8]) -> Int? {
    if pattern.isEmpty { return nil }
    var index = count - pattern.count
    while index >= 0 {
      if Record.Text(start: start + index, count: pattern.count).bytes.equals(pattern) { return index }
      index -= 1
    }
    return nil
  }
}
