import Foundation

/// Checks an export against its manifest: files, lengths, SHA-256, the structure of every safetensors file, and that
/// tables and dense tensors are what the manifest says. Where all is sound, the golden requests are scored again.
public enum ExportVerifier {
  /// Whether the directory has the manifest of an export, of whatever format version.
  public static func isExport(at directory: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(directory)/\(ExportManifest.fileName)")
  }

  /// Reads every file once and reports all that is wrong.
  ///
  /// - Throws: `export.not-an-export`, `export.newer-format`, `export.malformed`: the manifest itself cannot be used.
  public static func verify(_ directory: String) throws(ExportError) -> ExportReport {
    let path = "\(directory)/\(ExportManifest.fileName)"
    let manifest: ExportManifest
    let digest: FileDigest
    do throws(ExportError) {
      let file = try InputFile(path)
      manifest = try ExportManifest(decoding: try file.content(bytesMax: ExportManifest.bytesMax), from: path)
      digest = try file.digest()
    } catch {
      guard error.has(.missing) else { throw error }
      throw ExportError(.notAnExport, "\(directory) is no export: it has no \(ExportManifest.fileName)")
    }
    try requireConsistent(manifest, path)
    var files: [ExportReport.File] = []
    var sums: [String: TableCheck.Sums] = [:]
    for file in manifest.files {
      var problems: [String] = []
      do throws(ExportError) {
        try check(file, manifest, directory, &sums)
      } catch {
        problems.append(error.message)
      }
      files.append(.init(name: file.name, bytes: file.bytes, problems: problems))
    }
    var replay: Replay?
    if files.allSatisfy(\.problems.isEmpty), let golden = manifest.golden {
      do throws(ExportError) {
        replay = try Replay.run(directory, manifest)
      } catch {
        files[files.firstIndex { $0.name == golden.file }!].problems.append(error.message)
      }
    }
    let known = Set(manifest.files.map(\.name) + [ExportManifest.fileName])
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return ExportReport(
      manifest: manifest, manifestSHA256: digest.sha256, files: files,
      unlisted: entries.filter { !known.contains($0) }.sorted(), replay: replay)
  }

  /// Names that stay in the directory, once each, and a file for every table.
  private static func requireConsistent(_ manifest: ExportManifest, _ path: String) throws(ExportError) {
    var names: Set<String> = []
    for file in manifest.files {
      guard isSafe(file.name), file.name != ExportManifest.fileName else {
        throw ExportError(.malformed, "\(path): \(file.name.quoted) is no name for a file of an export")
      }
      guard names.insert(file.name).inserted else {
        throw ExportError(.malformed, "\(path): the file \(file.name) stands twice")
      }
    }
    if let problem = manifest.problem { throw ExportError(.malformed, "\(path): \(problem)") }
    var used: Set<String> = []
    let graphs = manifest.graphs ?? []
    let others = [manifest.dense?.file, manifest.golden?.file].compactMap { $0 }
    for name in manifest.tables.flatMap(\.fileNames) + (manifest.copies ?? []).flatMap(\.files) + others
      + graphs.map(\.file) + graphs.compactMap(\.data)
    {
      guard names.contains(name) else {
        throw ExportError(.malformed, "\(path): \(name.quoted) is not among its files")
      }
      guard used.insert(name).inserted else {
        throw ExportError(.malformed, "\(path): two parts in the file \(name)")
      }
    }
  }

  /// `[A-Za-z0-9_.-]`, 1 to 255, no leading dot.
  private static func isSafe(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.unicodeScalars.allSatisfy { scalar in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "-": true
        default: false
        }
      }
  }

  /// - Parameter sums: of the files of each table so far, by its space.
  private static func check(
    _ file: ExportManifest.File, _ manifest: ExportManifest, _ directory: String,
    _ sums: inout [String: TableCheck.Sums]
  ) throws(ExportError) {
    let path = "\(directory)/\(file.name)"
    let found = try InputFile(path).digest()
    guard found.bytes == file.bytes else {
      throw ExportError(.damaged, "\(found.bytes) bytes, the manifest says \(file.bytes)")
    }
    guard found.sha256 == file.sha256 else {
      throw ExportError(.damaged, "SHA-256 \(found.sha256), the manifest says \(file.sha256.quoted)")
    }
    if let table = manifest.tables.first(where: { $0.fileNames.contains(file.name) }) {
      let part = table.fileNames.firstIndex(of: file.name)!
      var sum = sums[table.space] ?? TableCheck.Sums()
      guard part == sum.parts else {
        throw ExportError(
          .damaged, "it is part \(part + 1) of the table, and stands in the place of part \(sum.parts + 1)")
      }
      sum.parts += 1
      sums[table.space] = sum
      try TableCheck(table, part: part, try SafetensorsReader(at: path)).run(&sum)
      sums[table.space] = sum
      guard part + 1 < table.fileNames.count || sum.nonfinite == table.nonfinite else {
        throw ExportError(
          .damaged, "\(sum.nonfinite) numbers are not finite, the manifest says \(table.nonfinite)")
      }
    } else if let dense = manifest.dense, dense.file == file.name {
      try check(dense, try SafetensorsReader(at: path))
    }
  }

  private static func check(_ dense: ExportManifest.Dense, _ reader: SafetensorsReader) throws(ExportError) {
    let found = reader.header.tensors.map {
      ExportManifest.Tensor(name: $0.name, dtype: $0.type.rawValue, shape: $0.shape)
    }
    guard found == dense.tensors else {
      throw ExportError(.damaged, "its tensors are not those of the manifest")
    }
  }
}
