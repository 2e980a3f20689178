/// How the bytes of a file are cut into records and columns.
///
/// Whatever the kind, a record becomes texts by column name, and the schema's fields name these columns:
///
/// | kind | records and columns |
/// | --- | --- |
/// | csv | RFC 4180: quotes, doubled quotes, line ends inside quotes; `delimiter` between fields |
/// | tsv | lines cut at `delimiter`; a quote is a byte like any other |
/// | jsonl | one JSON object a line; its keys are the columns, an absent key or `null` is missing, `true` and `false` are `1` and `0`, an array holds the values of one multi or sequence field |
/// | libsvm | `label index:value index:value ...`: two columns, `label` and `features` |
/// | libffm | `label field:index:value ...`: the column `label` and a column `f` + field number for each field: `f0`, `f1`, ... |
///
/// The columns `features` and `fN` hold the list of their `index:value` pairs in the order of the file: the indices are
/// the IDs, the values their weights. A weight other than 1 needs a field with weights,
/// `{kind: integer, shape: multi, weight_separator: ":"}`; a one-hot pair such as `12:7:1` is also read by a single
/// integer field of the column `f12`. A row without pairs of a field leaves that column missing; the labels `+1` and
/// `-1` mean 1 and 0; a comment runs from `#` to the end of the line. Lists need no separator, those of jsonl neither.
public struct RecordFormat: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case csv, tsv, jsonl, libsvm, libffm

    /// The kinds whose columns are found by place: they have a delimiter and either a header or a list of columns.
    public var isDelimited: Bool { self == .csv || self == .tsv }
  }
  public var kind: Kind
  /// One byte; `,` for csv and tab for tsv unless given. A blank, and without meaning, for the other kinds.
  public var delimiter: String
  /// The first record names the columns. Otherwise `columns` does. Always false for kinds that are not delimited.
  public var header: Bool
  /// Column order of a file without header; empty where `header` is true.
  public var columns: [String]
  /// Field texts that mean "missing", after trimming. The empty text always does.
  public var missing: [String]
  /// Blanks around fields are cut off.
  public var trim: Bool

  /// A delimited file has a header unless `columns` are given.
  public init(
    kind: Kind, delimiter: String? = nil, header: Bool? = nil, columns: [String] = [], missing: [String] = [],
    trim: Bool = false
  ) {
    self.kind = kind
    self.delimiter = delimiter ?? (kind == .csv ? "," : kind == .tsv ? "\t" : " ")
    self.header = header ?? (kind.isDelimited && columns.isEmpty)
    self.columns = columns
    self.missing = missing
    self.trim = trim
  }
}
