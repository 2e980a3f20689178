/// How the bytes of a file are cut into records and columns.
public struct RecordFormat: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case csv, tsv, jsonl, libsvm, libffm
  }
  public var kind: Kind
  /// One byte; `,` for csv and tab for tsv unless given.
  public var delimiter: String
  /// The first record names the columns. Otherwise `columns` does.
  public var header: Bool
  /// Column order of a file without header; empty where `header` is true.
  public var columns: [String]
  /// Field texts that mean "missing", after trimming. The empty text always does.
  public var missing: [String]
  /// Blanks around fields are cut off.
  public var trim: Bool

  public init(
    kind: Kind, delimiter: String? = nil, header: Bool = true, columns: [String] = [], missing: [String] = [],
    trim: Bool = false
  ) {
    self.kind = kind
    self.delimiter = delimiter ?? (kind == .csv ? "," : kind == .tsv ? "\t" : " ")
    self.header = header
    self.columns = columns
    self.missing = missing
    self.trim = trim
  }
}
