import LoamStore

/// What is imported, and where to.
public struct ImportOptions: Sendable {
  /// What becomes of NaN, infinities, and numbers that the element type cannot hold.
  public enum Nonfinite: String, Sendable, CaseIterable {
    case refuse
    /// Stored as they are.
    case keep
    /// The row is left out.
    case skip
  }
  /// Where the IDs of an array's rows come from.
  public enum IDs: Sendable, Equatable {
    /// The tensor `ids` of the same file.
    case own
    /// The number of the row, from 0.
    case rowNumbers
    /// A tensor or array of the same file.
    case named(String)
    /// A text file with one ID a line, or a .npy file of whole numbers.
    case file(String)
  }
  /// `NAME/SPACE`.
  public var table: String
  /// The rows go into the table of a trained model, whose training goes on from them.
  public var isTrainable: Bool
  /// A frozen table of this name gives way.
  public var replaces: Bool
  /// `nil`: by the file's name and first bytes.
  public var format: ImportFormat?
  /// The tensor or array of vectors, where the file has several.
  public var tensor: String?
  public var ids: IDs
  /// Of csv and tsv with a header; `nil`: the first.
  public var idColumn: String?
  /// What the file calls the rows that a model reads for absent and for unknown IDs.
  public var missing: String?
  public var unknown: String?
  /// f32, f16, bf16 or i8; `nil`: as the file has it, f64 as f32.
  public var type: DataType?
  public var nonfinite: Nonfinite
  public var note: String?
  /// Bytes of the table's changed blocks in memory, past which they are put into the store before their version is
  /// published; `nil`: a quarter of the machine's memory.
  public var dirtyBytesMax: Int?

  public init(
    table: String, isTrainable: Bool = false, replaces: Bool = false, format: ImportFormat? = nil,
    tensor: String? = nil, ids: IDs = .own, idColumn: String? = nil, missing: String? = nil, unknown: String? = nil,
    type: DataType? = nil, nonfinite: Nonfinite = .refuse, note: String? = nil,
    dirtyBytesMax: Int? = nil
  ) {
    self.table = table
    self.isTrainable = isTrainable
    self.replaces = replaces
    self.format = format
    self.tensor = tensor
    self.ids = ids
    self.idColumn = idColumn
    self.missing = missing
    self.unknown = unknown
    self.type = type
    self.nonfinite = nonfinite
    self.note = note
    self.dirtyBytesMax = dirtyBytesMax
  }
}
