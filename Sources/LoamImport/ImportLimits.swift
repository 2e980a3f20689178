/// The named limits of an import: what a file may make it hold in memory.
public enum ImportLimits {
  /// Bytes decoded at a time.
  public static let chunkBytes = 1 << 20
  /// Elements of a vector: what a column may have.
  public static let dimension = 1 << 20
  /// The longest line of a text file.
  public static let lineBytes = 64 << 20
  /// The longest string ID, in bytes of UTF-8; as in ingest.
  public static let stringBytes = 256
  /// Rows read together, and their bytes.
  public static let batchRows = 1_024
  public static let batchBytes = 4 << 20
  /// The longest header of a .npy file. NumPy's own are below 1 KiB.
  public static let npyHeaderBytes = 64 << 10
  /// Entries of a .npz archive, and the bytes of its directory.
  public static let zipEntries = 4_096
  public static let zipDirectoryBytes = 4 << 20
  /// Beyond so many decoded bytes, compressed data may have grown by this factor at most. Vectors that were learned
  /// shrink by less than a half.
  public static let bombBytes = 64 << 20
  public static let bombFactor = 200

  /// Refuses data that unpacks to far more than vectors would.
  static func refuseBomb(decoded: Int, from packed: Int, _ name: String) throws(ImportError) {
    guard decoded > bombBytes, decoded / bombFactor > max(packed, 1) else { return }
    throw ImportError(
      .malformed, "\(name): \(packed) bytes unpack to more than \(decoded): no vectors are packed so tightly",
      hint: "If the file is what it should be, unpack it first.")
  }
}
