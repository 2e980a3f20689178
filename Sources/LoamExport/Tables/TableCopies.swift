import LoamStore

/// Writes tables in the formats that other programs like better than safetensors.
struct TableCopies {
  let snapshot: Snapshot
  let formats: Set<ExportFormat>

  func write(_ contents: [TableContent], in output: inout OutputDirectory, _ manifest: inout ExportManifest)
    throws(ExportError)
  {
    let wanted = ExportFormat.allCases.filter { formats.contains($0) && $0.isTableCopy }
    guard !wanted.isEmpty else { return }
    for content in contents {
      let strings = try TableDictionary(snapshot, space: content.space, content.ids)
      for format in wanted {
        var files: [String] = []
        switch format {
        case .numpy: files = try NumPyTable(content: content, strings: strings).write(in: &output, &manifest)
        case .arrow:
          files = ["table.\(content.space).arrow"]
          var metadata = manifest.fileMetadata
          metadata["loam.space"] = content.space
          manifest.add(
            files[0],
            try ArrowTable(content, strings, metadata: metadata).write(to: output.path(for: files[0])))
        default:
          files = ["table.\(content.space).\(format.rawValue)"]
          let table = TextTable(content: content, strings: strings)
          manifest.add(
            files[0], try table.write(to: output.path(for: files[0]), format == .csv ? .csv : .jsonLines))
        }
        manifest.copies = (manifest.copies ?? []) + [.init(space: content.space, format: format.rawValue, files: files)]
      }
    }
  }
}

extension ExportFormat {
  fileprivate var isTableCopy: Bool { [.numpy, .arrow, .csv, .jsonl].contains(self) }
}
