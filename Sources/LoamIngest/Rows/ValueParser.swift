import LoamKernels
import LoamSchema

/// Turns fields of a record into values, or says why they are none.
struct ValueParser {
  let plan: RowPlan

  /// The column's field; absent where the file lacks the column or the text means "missing".
  @inline(__always)
  func field(_ source: Int, of record: borrowing Record, _ places: [Int]) -> Record.Field? {
    let place = places[source]
    if place < 0 { return nil }
    let field = record.fields[place]
    switch field.kind {
    case .absent: return nil
    case .text: return isMissing(field.text) ? nil : field
    case .list, .structure: return field
    }
  }

  @inline(__always)
  func isMissing(_ text: Record.Text) -> Bool {
    if text.count == 0 { return true }
    for marker in plan.missing where text.bytes.equals(marker) { return true }
    return false
  }

  func real(_ field: Record.Field, _ source: Int) throws(RowFault) -> Float {
    guard field.kind == .text, let value = parseReal(field.text) else {
      throw RowFault(
        field.text, column: plan.columns[source], "expected a number",
        hint: "Name the text under `missing` of the format, if it means that there is none.")
    }
    let narrow = Float(value)
    if narrow.isFinite { return narrow }
    throw RowFault(field.text, column: plan.columns[source], "a number too large for 32 bits")
  }

  func weight(_ field: Record.Field, _ source: Int) throws(RowFault) -> Float {
    let weight = try real(field, source)
    if weight >= 0 { return weight }
    throw RowFault(field.text, column: plan.columns[source], "expected a sample weight of at least 0")
  }

  func time(_ field: Record.Field, _ time: RowPlan.Time) throws(RowFault) -> Timestamp {
    if field.kind == .text, let value = parseTime(field.text, time.unit) { return value }
    let expected = time.unit == .iso8601 ? "an ISO 8601 time" : "a time in \(time.unit.rawValue)"
    throw RowFault(field.text, column: plan.columns[time.source], "expected \(expected)")
  }

  /// A part of a row's key.
  func keyText(_ field: Record.Field?, _ source: Int, or nowhere: Record.Text) throws(RowFault) -> Record.Text {
    let column = plan.columns[source]
    guard let field else { throw RowFault(nowhere, column: column, "every row needs its row key") }
    guard field.kind == .text else { throw RowFault(field.text, column: column, "expected one value as the row key") }
    return field.text
  }

  func label(_ field: Record.Field, _ label: RowPlan.Label) throws(RowFault) -> Float {
    guard field.kind == .text else { throw refusal(field, label, "expected a label") }
    let text = field.text
    switch label.field.kind {
    case .real: return try real(field, label.source)
    case .class:
      for (index, name) in label.classes.enumerated() where text.bytes.equals(name) { return Float(index) }
      let near = nearestName(to: text.string, among: label.field.classes).map { "Did you mean \"\($0)\"? " } ?? ""
      throw refusal(
        field, label, "not one of the label's classes",
        near + "The classes are: \(label.field.classes.prefix(50).joined(separator: ", ")).")
    case .binary:
      if let threshold = label.field.threshold { return Double(try real(field, label.source)) >= threshold ? 1 : 0 }
      if !label.positive.isEmpty {
        for positive in label.positive where text.bytes.equals(positive) { return 1 }
        return 0
      }
      if text.count == 1, text.start[0] & 0xfe == 0x30 { return Float(text.start[0] & 1) }
      let value = parseReal(text)
      if value == 0 || value == 1 { return Float(value!) }
      if value == -1 && label.isSigned { return 0 }
      throw refusal(
        field, label, "expected 0 or 1",
        "Say in the schema which texts mean 1 (`positive`), or from which number on (`threshold`).")
    }
  }

  private func refusal(
    _ field: Record.Field, _ label: RowPlan.Label, _ reason: String, _ hint: String? = nil
  ) -> RowFault {
    RowFault(field.text, column: plan.columns[label.source], reason, hint: hint)
  }
}
