import LoamIngest
import LoamSchema
import LoamStore

/// All rows of a text, read in chunks of `chunk` bytes.
func rows(
  of text: String, _ schema: Schema, chunk: Int = IngestLimits.chunkBytes, labelsOptional: Bool = false
) throws -> RowGroup {
  try rows(of: Array(text.utf8), schema, chunk: chunk, labelsOptional: labelsOptional)
}

func rows(
  of bytes: [UInt8], _ schema: Schema, chunk: Int = IngestLimits.chunkBytes, labelsOptional: Bool = false
) throws -> RowGroup {
  let input = Input.memory(name: "rows", bytes: bytes, chunkBytes: chunk)
  let reader = RowGroupReader(schema, [input], rowsPerGroup: 1 << 20, labelsOptional: labelsOptional, now: 5)
  return try reader.next() ?? RowGroup()
}

/// The error that reading a text ends with.
func refusal(of text: String, _ schema: Schema) -> IngestError? { refusal(of: Array(text.utf8), schema) }

func refusal(of bytes: [UInt8], _ schema: Schema) -> IngestError? {
  do {
    _ = try rows(of: bytes, schema)
    return nil
  } catch { return error as? IngestError }
}

extension RowGroup {
  func reals(_ name: String) -> [Float]? {
    if case .real(let values)? = columns[name] { values } else { nil }
  }
  func times(_ name: String) -> [Timestamp]? {
    if case .time(let values)? = columns[name] { values } else { nil }
  }
  func coded(_ name: String) -> CodedIDs? {
    if case .ids(let ids)? = columns[name] { ids } else { nil }
  }
  /// The values of an ID column, row by row.
  func ids(_ name: String) -> [[ID]]? {
    guard let coded = coded(name) else { return nil }
    return (0..<rowCount).map { row in
      let range = coded.offsets.map { Int($0[row])..<Int($0[row + 1]) } ?? row..<row + 1
      return coded.codes[range].filter { $0 != CodedIDs.missing }.map { coded.distinct[Int($0)] }
    }
  }
}

/// A label `y`, a number `x`, a string ID `s` and an integer ID `n`.
func smallSchema(_ kind: RecordFormat.Kind = .csv, missing: [String] = [], trim: Bool = false) -> Schema {
  Schema(
    name: "small", format: RecordFormat(kind: kind, missing: missing, trim: trim), labels: [LabelField(name: "y")],
    dense: [DenseField(name: "x")], ids: [IDField(name: "s"), IDField(name: "n", kind: .integer)])
}

func hash(_ text: String) -> ID { ID.hash(of: text) }
