import LoamSchema

/// A schema made ready for parsing: the columns to ask a file for, and per field which of them it reads.
struct RowPlan: Sendable {
  struct Time: Sendable {
    var source: Int
    var unit: TimeColumn.Unit
  }

  struct Label: Sendable {
    var field: LabelField
    var source: Int
    var positive: [[UInt8]]
    var classes: [[UInt8]]
    var availableAt: Time?
    /// libsvm and libffm write `+1` and `-1` for yes and no.
    var isSigned: Bool
  }

  struct IDs: Sendable {
    var field: IDField
    var source: Int
    /// Index in `spaces`.
    var space: Int
    /// The only field of its space: its codes are the space's.
    var isAlone: Bool
    var separator: [UInt8]
    var weightSeparator: [UInt8]
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

  private struct ColumnNames {
    var all: [String] = []
    mutating func index(of name: String) -> Int {
      if let index = all.firstIndex(of: name) { return index }
      all.append(name)
      return all.count - 1
    }
  }
}
