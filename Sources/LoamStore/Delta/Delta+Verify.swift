import FoundationEssentials

extension Delta {
  /// Whether a directory looks like a delta, sound or not.
  public static func isDelta(at directory: String) -> Bool {
    let manifest = FileManager.default.contents(atPath: "\(directory)/\(DeltaManifest.fileName)")
    struct Lineage: Decodable { var lineage: String }
    if let manifest, (try? JSONDecoder().decode(Lineage.self, from: manifest)) != nil { return true }
    return Disk.exists("\(directory)/\(DeltaManifest.fileName(0))")
  }

  /// Compares every digest and decodes every change.
  ///
  /// Throws `badChecksum`, `badBlock` or `missing` for the first file that is not as it was written.
  public static func verify(_ directory: String) throws(StoreError) -> DeltaManifest {
    let manifest = try read(directory).manifest
    try checkFiles(directory, manifest)
    for table in manifest.tables {
      try DeltaFile.forEachChange("\(directory)/\(table.file)") { _ throws(StoreError) in }
    }
    return manifest
  }
}
