import LoamIngest
import LoamSchema

enum Records {
  private static let schemas: [Schema] = RecordFormat.Kind.allCases.map { kind in
    let columns = kind.isDelimited ? ["y", "x", "s", "n", "m", "q", "t"] : []
    let fields: [IDField] =
      switch kind {
      case .libsvm: [IDField(name: "features", kind: .integer, shape: .multi, weightSeparator: ":")]
      case .libffm: [IDField(name: "f1", kind: .integer), IDField(name: "f2", kind: .string, shape: .multi)]
      default:
        [
          IDField(name: "s"), IDField(name: "n", kind: .integer),
          IDField(name: "m", kind: .string, shape: .multi, separator: "|", weightSeparator: ":"),
          IDField(name: "q", kind: .integer, shape: .sequence, separator: " ", maximumLength: 3),
        ]
      }
    let hasColumns = kind.isDelimited || kind == .jsonl
    return Schema(
      name: "fuzz", format: RecordFormat(kind: kind, columns: columns, missing: ["NA"], trim: kind == .csv),
      eventTime: hasColumns ? TimeColumn(column: "t", unit: .iso8601) : nil,
      labels: [LabelField(name: hasColumns ? "y" : "label")],
      dense: hasColumns ? [DenseField(name: "x")] : [], ids: fields)
  }

  /// The first byte chooses the format, the second how many bytes come at a time.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return }
    let schema = schemas[Int(bytes[0]) % schemas.count]
    let input = Input.memory(name: "fuzz", bytes: Array(bytes[2...]), chunkBytes: Int(bytes[1] % 64) + 1)
    let reader = RowGroupReader(schema, [input], rowsPerGroup: 64, labelsOptional: true, now: 5)
    while let group = try? reader.next(), group.rowCount > 0 {}
  }
}
