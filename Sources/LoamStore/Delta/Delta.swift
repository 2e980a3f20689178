/// A directory with what turns one version into a later one.
public enum Delta {
  static let copyAgain = "Copy the delta again from where it was made, or export it again."

  /// The manifest of a delta, its own digest compared.
  public static func manifest(of directory: String) throws(StoreError) -> DeltaManifest {
    try read(directory).manifest
  }

  static func read(_ directory: String) throws(StoreError) -> (manifest: DeltaManifest, sha256: String) {
    let path = "\(directory)/\(DeltaManifest.fileName)"
    let sums = try DeltaFile.mapped("\(directory)/\(DeltaManifest.sumsName)")
    let file = try DeltaFile.mapped(path)
    guard file.count <= DeltaManifest.bytesMax else { throw StoreError(.tooLarge, "\(path) has \(file.count) bytes") }
    let sha256 = ContentDigest.text(of: [UInt8](file))
    guard [UInt8](sums) == Self.sums(sha256, [UInt8](file), path: path) else {
      throw StoreError(
        .badChecksum, "\(path) or \(DeltaManifest.sumsName) beside it is damaged: they do not fit", hint: copyAgain)
    }
    return (try DeltaManifest([UInt8](file), place: path), sha256)
  }

  private static func sums(_ sha256: String, _ manifest: [UInt8], path: String) -> [UInt8]? {
    (try? DeltaManifest(manifest, place: path)).map { sums(sha256, $0.tables) }
  }

  /// The text of SHA256SUMS: everything in it follows from the manifest.
  static func sums(_ manifest: String, _ tables: [DeltaManifest.Table]) -> [UInt8] {
    var text = "\(manifest)  \(DeltaManifest.fileName)\n"
    for table in tables { text += "\(table.sha256)  \(table.file)\n" }
    return [UInt8](text.utf8)
  }

  /// Compares the size and digest of every file.
  static func checkFiles(_ directory: String, _ manifest: DeltaManifest) throws(StoreError) {
    for table in manifest.tables {
      let path = "\(directory)/\(table.file)"
      let found = try DeltaFile.digest(path)
      guard found.bytes == table.bytes else {
        throw StoreError(
          .badChecksum, "\(path): expected \(table.bytes) bytes, found \(found.bytes)", hint: copyAgain)
      }
      guard found.sha256 == table.sha256 else {
        throw StoreError(.badChecksum, "\(path) is damaged: its SHA-256 is not the manifest's", hint: copyAgain)
      }
    }
  }
}
