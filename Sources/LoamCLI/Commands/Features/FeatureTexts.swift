import LoamQuery
import LoamSchema
import LoamStore

/// Records as texts: IDs as they are written in the log, reals with the digits that give the same f32 again.
final class FeatureTexts {
  struct Value {
    /// `nil`: missing.
    var text: String?
    /// A text rather than a number.
    var isQuoted: Bool
  }
  let layout: ViewLayout
  let isList: [Bool]
  /// Of the ID columns; numbers where the store has no schema.
  private let names: [IDNames?]
  private var known: [[ID: String]]

  /// More texts are not remembered.
  private static let knownMax = 100_000

  init(_ layout: ViewLayout, _ snapshot: Snapshot) throws {
    self.layout = layout
    isList = layout.columns.map { $0.count != nil }
    let spaces = try snapshot.schemaText() == nil ? [] : snapshot.schema().allIDs.map(\.space)
    names = try layout.columns.map { column in
      guard case .id(let space) = column.element, spaces.contains(space) else { return nil }
      return try IDNames(snapshot, space: space)
    }
    known = Array(repeating: [:], count: layout.columns.count)
  }

  /// For each record the elements of each column.
  func forEachRecord(
    _ records: UnsafeRawBufferPointer, _ count: Int, _ body: ([[Value]]) throws -> Void
  ) throws {
    for record in 0..<count {
      let row = UnsafeRawBufferPointer(
        rebasing: records[record * layout.rowBytes..<(record + 1) * layout.rowBytes])
      var values: [[Value]] = []
      for (index, column) in layout.columns.enumerated() { values.append(try texts(index, column, row)) }
      try body(values)
    }
  }

  /// Whether IDs of a column are written as texts.
  func isText(_ index: Int) -> Bool { names[index]?.kind == .string }

  private func texts(_ index: Int, _ column: ViewLayout.Column, _ row: UnsafeRawBufferPointer) throws -> [Value] {
    switch ViewRow.values(column, row) {
    case .real(let values): return values.map { Value(text: $0.isNaN ? nil : "\($0)", isQuoted: !$0.isFinite) }
    case .numbers(let values): return values.map { Value(text: "\($0)", isQuoted: false) }
    case .ids(let ids):
      return try ids.map { id in
        guard id != .missing else { return Value(text: nil, isQuoted: false) }
        return Value(text: try text(index, id), isQuoted: isText(index))
      }
    }
  }

  func text(_ index: Int, _ id: ID) throws -> String {
    guard let names = names[index], isText(index) else { return "\(id)" }
    if let text = known[index][id] { return text }
    let text = try names.text(id)
    if known[index].count < Self.knownMax { known[index][id] = text }
    return text
  }
}
