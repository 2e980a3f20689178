import LoamStore

public struct ImportReport: Sendable, Equatable {
  public var table: String
  public var version: UInt64
  public var format: ImportFormat
  /// Rows stored.
  public var rows: Int
  public var dimension: Int
  public var type: DataType
  /// The element type of the file, where it is another.
  public var convertedFrom: String?
  /// Rows that were left out because of numbers that are not finite.
  public var skipped: Int
  /// Numbers that are not finite and were kept.
  public var nonfinite: Int
  /// Of the stored vectors: the sum over rows of hash(`vector`, ID, row). The same as that of the export that they came from.
  public var vectorRoot: Root
  public var seconds: Double
}

public struct ImportProgress: Sendable {
  public enum Phase: String, Sendable { case checking, storing }
  public var phase: Phase
  public var rows: Int
  /// Known, or guessed from the bytes that are left; `nil` at the beginning.
  public var rowsTotal: Int?
}
