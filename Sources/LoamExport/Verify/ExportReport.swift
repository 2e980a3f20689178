/// What `ExportVerifier` found.
public struct ExportReport: Sendable {
  public struct File: Sendable {
    public var name: String
    public var bytes: Int
    /// Empty: the file is what the manifest says.
    public var problems: [String]
  }
  public var manifest: ExportManifest
  /// Stands for the whole export: the manifest holds the digests of every other file.
  public var manifestSHA256: String
  public var files: [File]
  /// Names in the directory that the manifest does not know. They are not damage.
  public var unlisted: [String]

  /// Of the golden requests; `nil`: the export has none, or was found damaged before.
  public var replay: Replay?

  public var problems: [String] { files.flatMap { file in file.problems.map { "\(file.name): \($0)" } } }
  public var isSound: Bool { files.allSatisfy(\.problems.isEmpty) }

  /// Throws `export.damaged` with every problem where there is one.
  public func requireSound() throws(ExportError) {
    if isSound { return }
    throw ExportError(
      .damaged, problems.joined(separator: "\n"), hint: "Get the export again, or export the version anew.")
  }
}
