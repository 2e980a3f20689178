import LoamSchema
import LoamStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How far the log has read a source before, worked out and checked against the source's bytes.
///
/// A source is known again by the hash of its first bytes and its size, under whatever name; or else by its path. Its
/// records so far must then have the hash that was stored with the rows.
struct SourcePosition {
  var outcome: IngestReport.Outcome
  /// Index in the log's sources; `nil`: not among them.
  var index: Int?
  var source: LogSource

  /// Reads over what the log has. Throws `changedInput` where the source is not what it was.
  init(_ reader: RecordReader, among sources: [LogSource]) throws(IngestError) {
    let name = SourcePosition.name(of: reader.input)
    guard let index = SourcePosition.index(of: reader, name, in: sources) else {
      (outcome, self.index) = (.ingested, nil)
      source = LogSource(name: name, fingerprint: SourcePosition.fingerprint(of: reader))
      return
    }
    self.index = index
    source = sources[index]
    let isSame = source.fingerprint.hasPrefix(reader.identity + "@")
    if source.complete && isSame && reader.bytesTotal != nil {
      outcome = .skipped
      return
    }
    outcome = .resumed
    try reader.skip(source.records)
    guard reader.recordsRead == source.records, source.fingerprint.hasSuffix("@" + hexadecimal(reader.contentHash))
    else {
      throw IngestError(
        .changedInput,
        "\(reader.input.name): its first \(source.records) records are not those that the log has from \(source.name)",
        hint: "Give new data a name of its own, or ingest it into another log with --log.")
    }
  }

  /// Takes down how far the reader is.
  mutating func advance(_ reader: RecordReader, complete: Bool) {
    source.fingerprint = SourcePosition.fingerprint(of: reader)
    source.records = reader.recordsRead
    source.complete = complete
  }

  private static func fingerprint(of reader: RecordReader) -> String {
    "\(reader.identity)@\(hexadecimal(reader.contentHash))"
  }

  private static func index(of reader: RecordReader, _ name: String, in sources: [LogSource]) -> Int? {
    if let same = sources.firstIndex(where: { $0.fingerprint.hasPrefix(reader.identity + "@") }) { return same }
    // What comes through standard input has no name to be known by.
    if case .standardInput = reader.input { return nil }
    return sources.firstIndex { $0.name == name }
  }

  /// A path from the root, so that two directories may each have a `train.csv`.
  private static func name(of input: Input) -> String {
    guard case .file(let path) = input, let resolved = realpath(path, nil) else { return input.name }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
