import LoamStore

/// What an ingest has done so far: the positions to be stored, the report, the malformed rows against their limit.
struct IngestAccount {
  /// The log's, as they are stored with the next version.
  private(set) var sources: [LogSource]
  private let options: IngestOptions
  private var report = IngestReport()
  /// Rows of the batch at hand.
  private var waiting = 0
  private var badRowsBefore = 0
  private let started = ContinuousClock.now
  /// The input that the last chunk was of.
  private var source: ChunkSource?
  private var bytesRead = 0
  private var version: UInt64?

  init(_ options: IngestOptions, sources: [LogSource] = []) {
    (self.options, self.sources) = (options, sources)
  }

  /// Rows of the wave. Throws what ends the ingest: too many malformed rows, or input that cannot be read on.
  mutating func take(_ wave: ChunkCutter.Wave, _ parsed: [ParsedChunk]) throws(IngestError) -> Int {
    version = nil
    var rows = 0
    for (chunk, parsed) in zip(wave.chunks, parsed) {
      begin(chunk.source)
      for row in parsed.bad { try refuse(row) }
      if let failure = parsed.failure { throw failure }
      settle(chunk, parsed)
      rows += parsed.group.rowCount
    }
    if let failure = wave.failure { throw failure }
    waiting += rows
    return rows
  }

  private mutating func begin(_ next: ChunkSource) {
    if next === source { return }
    source = next
    if next.outcome != .skipped { badRowsBefore += Int(next.before.bad) }
    report.sources.append(
      IngestReport.Source(
        name: next.name, outcome: next.outcome, records: 0, rows: 0, bad: 0, repeated: 0,
        recordsBefore: Int(next.before.records)))
  }

  private mutating func settle(_ chunk: RecordChunk, _ parsed: ParsedChunk) {
    bytesRead = chunk.bytesRead
    if chunk.source.outcome == .skipped { return }
    let (rows, bad) = (parsed.group.rowCount, parsed.bad.count)
    let index = chunk.source.index
    if index == sources.count { sources.append(chunk.source.before) }
    let (rowsBefore, badBefore) = (sources[index].rows, sources[index].bad)
    sources[index] = chunk.position
    sources[index].rows = rowsBefore + UInt64(rows)
    sources[index].bad = badBefore + UInt64(bad)
    let last = report.sources.count - 1
    report.sources[last].records += chunk.records.count
    report.sources[last].rows += rows
    report.sources[last].bad += bad
    report.sources[last].repeated += parsed.repeated
    report.repeatedRows += parsed.repeated
  }

  private mutating func refuse(_ row: BadRow) throws(IngestError) {
    report.badRows += 1
    if report.badSamples.count < IngestLimits.reportedRows { report.badSamples.append(row) }
    if badRowsBefore + report.badRows <= options.maxBadRows { return }
    let stored =
      report.versions.last.map { "\(report.rows) rows are stored, up to version \($0); " } ?? "Nothing was stored; "
    let message =
      options.maxBadRows == 0
      ? row.description
      : "\(row)\n\(badRowsBefore + report.badRows) malformed rows, at most \(options.maxBadRows) are allowed"
    throw IngestError(
      .badRows, message,
      hint: (row.hint.map { $0 + "\n  " } ?? "") + stored
        + "correct the file, or allow more malformed rows with --max-bad-rows.",
      rows: report.badSamples)
  }

  mutating func published(_ version: UInt64) {
    report.rows += waiting
    waiting = 0
    report.versions.append(version)
    self.version = version
  }

  /// `nil` before the first chunk.
  var state: IngestProgress? {
    guard let source else { return nil }
    let rows = report.rows + waiting
    return IngestProgress(
      source: source.name, bytesRead: bytesRead, bytesTotal: source.bytesTotal, rows: rows, badRows: report.badRows,
      rowsPerSecond: Double(rows) / max(seconds, 1e-9), version: version)
  }

  mutating func finish(newIDs: [String: Int], logRows: Int) -> IngestReport {
    (report.newIDs, report.logRows, report.seconds) = (newIDs, logRows, seconds)
    return report
  }

  private var seconds: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - started).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
