import LoamSchema
import LoamStore

/// Brings files into a feature log: its rows, the ID spaces' counts and strings, the timelines' events.
///
/// Every batch is one version, with the position in the input beside the rows. So an ingest that was interrupted is
/// repeated with the same arguments: what the log has is passed over, and nothing is lost or doubled. The tables come
/// out the same for any size of batches and any number of interruptions.
///
/// ```swift
/// let ingestor = Ingestor(store: store, schema: schema, options: IngestOptions(log: "train"))
/// let report = try ingestor.run([.file("train.csv.gz")])
/// print(report.rows)
/// ```
///
/// Throws `IngestError`: refused input leaves the versions that were published and stores nothing of the batch at hand;
/// a failure of the store keeps the store's code. One thread; blocks on input and on the store.
public final class Ingestor {
  private let store: Store
  private let plan: RowPlan
  private let options: IngestOptions
  private var report = IngestReport()
  private var sources: [LogSource] = []
  private var started = ContinuousClock.now
  private var badRowsBefore = 0

  private static let rowsPerProgress = 8_192

  public init(store: Store, schema: Schema, options: IngestOptions) {
    self.store = store
    self.options = options
    plan = RowPlan(schema)
  }

  /// Reads the inputs in order. `progress` is called now and then, and after each version.
  public func run(
    _ inputs: [Input], progress: (IngestProgress) -> Void = { _ in }
  ) throws(IngestError) -> IngestReport {
    guard options.batchRows > 0, options.batchRows <= IngestLimits.batchRows else {
      throw IngestError(.badOption, "a batch has 1 ... \(IngestLimits.batchRows) rows, not \(options.batchRows)")
    }
    // A wrong file or header anywhere is found before anything is written.
    for input in inputs where input.isRegularFile { _ = try open(input) }
    (report, badRowsBefore) = (IngestReport(), 0)
    started = .now
    let write: IngestWrite
    do { write = try IngestWrite(store, plan, options) } catch { throw IngestError(error) }
    // After the last publish there is nothing left to abandon.
    defer { write.abandon() }
    sources = write.sources
    var builder = RowBuilder(plan, firstRow: Int64(write.logRows), now: options.now)
    var last: RecordReader?
    for input in inputs { last = try read(input, &builder, write, progress) }
    if sources != write.sources {
      let version = try publish(&builder, write, goOn: false)
      if let last { progress(state(last, builder.rowCount, version)) }
    }
    report.newIDs = write.newIDs
    report.logRows = write.logRows
    report.seconds = seconds
    return report
  }

  private func open(_ input: Input) throws(IngestError) -> RecordReader {
    try RecordReader(input, format: plan.schema.format, columns: plan.columns)
  }

  private func read(
    _ input: Input, _ builder: inout RowBuilder, _ write: IngestWrite, _ progress: (IngestProgress) -> Void
  ) throws(IngestError) -> RecordReader {
    let reader = try open(input)
    var position = try SourcePosition(reader, among: sources)
    let before = position.source
    if position.outcome != .skipped {
      badRowsBefore += Int(before.bad)
      while try take(reader, into: &builder, &position) {
        if builder.rowCount == options.batchRows {
          settle(&position, reader, complete: try reader.isExhausted())
          let version = try publish(&builder, write, goOn: true)
          progress(state(reader, builder.rowCount, version))
        } else if builder.rowCount % Ingestor.rowsPerProgress == 0 {
          progress(state(reader, builder.rowCount, nil))
        }
      }
      settle(&position, reader, complete: true)
    }
    let after = position.source
    report.sources.append(
      IngestReport.Source(
        name: input.name, outcome: position.outcome, records: Int(after.records - before.records),
        rows: Int(after.rows - before.rows), bad: Int(after.bad - before.bad), recordsBefore: Int(before.records)))
    return reader
  }

  /// One record more, kept or refused; false at the end of the input.
  private func take(
    _ reader: RecordReader, into builder: inout RowBuilder, _ position: inout SourcePosition
  ) throws(IngestError) -> Bool {
    do throws(RecordError) {
      guard try reader.next() else { return false }
      try builder.append(reader.record, reader.places)
      position.source.rows += 1
    } catch {
      switch error {
      case .input(let error): throw error
      case .row(let fault):
        position.source.bad += 1
        try refuse(reader.row(of: fault))
      }
    }
    return true
  }

  /// Takes the position down among the log's sources; stored with the next version.
  private func settle(_ position: inout SourcePosition, _ reader: RecordReader, complete: Bool) {
    position.advance(reader, complete: complete)
    if let index = position.index {
      sources[index] = position.source
    } else {
      position.index = sources.count
      sources.append(position.source)
    }
  }

  private func refuse(_ row: BadRow) throws(IngestError) {
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

  @discardableResult
  private func publish(_ builder: inout RowBuilder, _ write: IngestWrite, goOn: Bool) throws(IngestError) -> UInt64 {
    let rows = builder.rowCount
    do throws(StoreError) {
      let version = try write.publish(&builder, sources, goOn: goOn)
      report.rows += rows
      report.versions.append(version)
      return version
    } catch { throw IngestError(error) }
  }

  private func state(_ reader: RecordReader, _ waiting: Int, _ version: UInt64?) -> IngestProgress {
    let rows = report.rows + waiting
    return IngestProgress(
      source: reader.input.name, bytesRead: reader.bytesRead, bytesTotal: reader.bytesTotal, rows: rows,
      badRows: report.badRows, rowsPerSecond: Double(rows) / max(seconds, 1e-9), version: version)
  }

  private var seconds: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - started).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
