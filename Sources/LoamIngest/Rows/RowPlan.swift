import LoamSchema

/// A schema made ready for parsing: the columns to ask a file for, and per field which of them it reads.
struct RowPlan: Sendable {
  struct Time: Sendable {
    var source: Int
    var unit: TimeColumn.Unit
  }

  /// A class, so that handing it on in the loop over fields copies nothing.
  final class Label: Sendable {
    let field: LabelField
    let source: Int
    let positive: [[UInt8]]
    let classes: [[UInt8]]
    let availableAt: Time?
    /// libsvm and libffm write `+1` and `-1` for yes and no.
    let isSigned: Bool

    init(
      field: LabelField, source: Int, positive: [[UInt8]], classes: [[UInt8]], availableAt: Time?, isSigned: Bool
    ) {
      self.field = field
      self.source = source
      self.positive = positive
      self.classes = classes
      self.availableAt = availableAt
      self.isSigned = isSigned
    }
  }

  /// A class, so that handing it on in the loop over fields copies nothing.
  final class IDs: Sendable {
    let field: IDField
    let source: Int
    /// Index in `spaces`.
    let space: Int
    /// The only field of its space: its codes are the space's.
    let isAlone: Bool
    let separator: [UInt8]
    let weightSeparator: [UInt8]

    init(
      field: IDField, source: Int, space: Int, isAlone: Bool, separator: [UInt8], weightSeparator: [UInt8]
    ) {
      self.field = field
      self.source = source
      self.space = space
      self.isAlone = isAlone
      self.separator = separator
      self.weightSeparator = weightSeparator
    }
  }

  let schema: Schema
  /// Columns of the file, each once; `source` is an index in it.
  let columns: [String]
  /// Those of them that a file may lack.
  let optional: Set<String>
  let labels: [Label]
  let dense: [Int]
  let ids: [IDs]
  let spaces: [String]
  let spaceIsString: [Bool]
  let eventTime: Time?
  let knownAt: Time?
  let weight: Int?
  /// The columns of the row key; none where rows are not told apart.
  let rowKey: [Int]
  let missing: [[UInt8]]

  init(_ schema: Schema, labelsOptional: Bool = false) {
    var names = ColumnNames()
    self.schema = schema
    let isSigned = schema.format.kind == .libsvm || schema.format.kind == .libffm
    // What else reads a label's column needs it.
    dense = schema.dense.map { names.index(of: $0.column) }
    let spaces = schema.ids.reduce(into: [String]()) { if !$0.contains($1.space) { $0.append($1.space) } }
    ids = schema.ids.map { field in
      IDs(
        field: field, source: names.index(of: field.column), space: spaces.firstIndex(of: field.space)!,
        isAlone: schema.ids.count { $0.space == field.space } == 1, separator: Array(field.separator.utf8),
        weightSeparator: Array((field.weightSeparator ?? "").utf8))
    }
    self.spaces = spaces
    spaceIsString = spaces.map { space in
      schema.ids.contains { $0.space == space && $0.kind == .string && $0.bucketise.isEmpty }
    }
    eventTime = schema.eventTime.map { Time(source: names.index(of: $0.column), unit: $0.unit) }
    if case .column(let time) = schema.knownAt {
      knownAt = Time(source: names.index(of: time.column), unit: time.unit)
    } else {
      knownAt = nil
    }
    weight = schema.weight.map { names.index(of: $0) }
    // Rows that are only read have no key to be known by.
    rowKey = labelsOptional ? [] : schema.rowKey.map { names.index(of: $0) }
    let needed = names.all.count
    labels = schema.labels.map { field in
      Label(
        field: field, source: names.index(of: field.column), positive: field.positive.map { Array($0.utf8) },
        classes: field.classes.map { Array($0.utf8) },
        availableAt: field.availableAt.map { Time(source: names.index(of: $0.column), unit: $0.unit) },
        isSigned: isSigned)
    }
    columns = names.all
    optional = labelsOptional ? Set(names.all[needed...]) : []
    missing = schema.format.missing.map { Array($0.utf8) }
  }

  /// How a space admits its IDs; `nil`: all of them.
  func admission(of space: String) -> IDField.Admission? { schema.ids.first { $0.space == space }?.admission }

  private struct ColumnNames {
    var all: [String] = []
    mutating func index(of name: String) -> Int {
      if let index = all.firstIndex(of: name) { return index }
      all.append(name)
      return all.count - 1
    }
  }
}
