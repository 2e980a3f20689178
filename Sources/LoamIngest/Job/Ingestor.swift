import LoamSchema
import LoamStore

/// Brings files into a feature log: its rows, the ID spaces' counts and strings, the timelines' events, its row keys.
///
/// Every batch is one version, with the position in the input beside the rows. So an ingest that was interrupted is
/// repeated with the same arguments: what the log has is passed over, and nothing is lost or doubled. The tables come
/// out the same for any size of batches and chunks, any number of threads and of interruptions.
///
/// ```
///   one thread    cut a wave ──┬── cut the next one ──┬── ...
///   all threads                parse │ count, pack    parse │ count, pack         a batch's last wave is published
/// ```
///
/// ```swift
/// let ingestor = Ingestor(store: store, schema: schema, options: IngestOptions(log: "train"))
/// let report = try ingestor.run([.file("train.csv.gz")])
/// print(report.rows)
/// ```
///
/// Throws `IngestError`: refused input leaves the versions that were published and stores nothing of the batch at hand;
/// a failure of the store keeps the store's code. Called by one thread; blocks on input and on the store.
public final class Ingestor {
  let store: Store
  private(set) var plan: RowPlan
  let options: IngestOptions
  var account: IngestAccount
  private var parsers: [ChunkParser] = []

  /// Chunks that a thread has of one wave: enough that none waits long for the last.
  private static let chunksPerThread = 2

  public init(store: Store, schema: Schema, options: IngestOptions) {
    self.store = store
    self.options = options
    plan = RowPlan(schema)
    account = IngestAccount(options)
  }

  /// Reads the inputs in order. `progress` is called now and then, and after each version.
  public func run(
    _ inputs: [Input], progress: (IngestProgress) -> Void = { _ in }
  ) throws(IngestError) -> IngestReport {
    try checkOptions()
    // A wrong file or header anywhere is found before anything is written.
    for input in inputs where input.isRegularFile {
      _ = try RecordReader(input, format: plan.schema.format, columns: plan.columns)
    }
    let write: IngestWrite
    do { write = try IngestWrite(store, plan, options) } catch { throw IngestError(error) }
    // After the last publish there is nothing left to abandon.
    defer { write.abandon() }
    account = IngestAccount(options, sources: write.sources)
    let cutter = ChunkCutter(inputs, plan, recordsPerChunk: options.chunkRecords, sources: write.sources)
    var records = 0
    var wave = cut(cutter, records, write.logRows)
    while !wave.isEmpty {
      let parsed = try rows(of: wave, write, now: options.now)
      let rows = try account.take(wave, parsed)
      records += wave.recordCount
      let isBatch = records == options.batchRows
      if isBatch { records = 0 }
      wave = try add(parsed, to: write) { [row = write.logRows + rows, records] in cut(cutter, records, row) }
      if isBatch { try publish(write, goOn: true) }
      if let state = account.state { progress(state) }
    }
    if account.sources != write.sources {
      try publish(write, goOn: false)
      if let state = account.state { progress(state) }
    }
    return account.finish(newIDs: write.newIDs, logRows: write.logRows)
  }

  /// Rows of a followed file are known from now on, whenever they happened.
  func knowRowsWhenRead() {
    guard plan.schema.eventTime != nil, plan.schema.knownAt == .eventTime else { return }
    var schema = plan.schema
    schema.knownAt = .now
    plan = RowPlan(schema)
  }

  func checkOptions() throws(IngestError) {
    guard options.batchRows > 0, options.batchRows <= IngestLimits.batchRows else {
      throw IngestError(.badOption, "a batch has 1 ... \(IngestLimits.batchRows) rows, not \(options.batchRows)")
    }
    guard options.threads > 0, (1...IngestLimits.chunkRecords).contains(options.chunkRecords) else {
      throw IngestError(
        .badOption,
        "\(options.threads) threads on chunks of \(options.chunkRecords) records; at least one thread, and chunks of "
          + "1 ... \(IngestLimits.chunkRecords)")
    }
  }

  /// - Parameter records: those that the batch has.
  func cut(_ cutter: ChunkCutter, _ records: Int, _ firstRow: Int) -> ChunkCutter.Wave {
    cutter.wave(
      chunks: options.threads * Self.chunksPerThread, recordsMax: options.batchRows - records,
      firstRow: options.keepsRows ? firstRow : 0)
  }

  /// The rows of a wave that the log is to have.
  ///
  /// Which rows repeat a key is known once all are parsed; a chunk that has some is parsed again without them, so that
  /// they leave no trace: no count, no code, no string.
  func rows(
    of wave: ChunkCutter.Wave, _ write: IngestWrite, now: Timestamp
  ) throws(IngestError) -> [ParsedChunk] {
    while parsers.count < wave.chunks.count { parsers.append(ChunkParser(plan, now: options.now)) }
    var parsed = parse(wave.chunks, by: parsers, now: now)
    let repeated: [[Bool]?]
    do { repeated = try write.repeated(parsed) } catch { throw IngestError(error) }
    let again = parsed.indices.filter { repeated[$0] != nil }
    if again.isEmpty { return parsed }
    let chunks = again.map { chunk in
      var isLeftOut = [Bool](repeating: false, count: wave.chunks[chunk].records.count)
      for (row, isRepeated) in repeated[chunk]!.enumerated() where isRepeated {
        isLeftOut[parsed[chunk].records.isEmpty ? row : parsed[chunk].records[row]] = true
      }
      return wave.chunks[chunk].leavingOut(isLeftOut)
    }
    for (chunk, kept) in zip(again, parse(chunks, by: again.map { parsers[$0] }, now: now)) {
      let failure = parsed[chunk].failure
      parsed[chunk] = kept
      parsed[chunk].failure = failure
      parsed[chunk].repeated = repeated[chunk]!.count(where: \.self)
    }
    return parsed
  }

  private func parse(_ chunks: [RecordChunk], by parsers: [ChunkParser], now: Timestamp) -> [ParsedChunk] {
    [ParsedChunk](unsafeUninitializedCapacity: chunks.count) { room, count in
      nonisolated(unsafe) let room = room
      Parallel.forEach(chunks.count, threads: options.threads) { chunk in
        room.initializeElement(at: chunk, to: parsers[chunk].parse(chunks[chunk], now: now))
      }
      count = chunks.count
    }
  }

  /// Adds what was parsed while the next wave is cut.
  func add(
    _ parsed: [ParsedChunk], to write: IngestWrite, _ cutNext: () -> ChunkCutter.Wave
  ) throws(IngestError) -> ChunkCutter.Wave {
    var next = ChunkCutter.Wave()
    do { try write.add(parsed) { next = cutNext() } } catch { throw IngestError(error) }
    return next
  }

  func publish(_ write: IngestWrite, goOn: Bool) throws(IngestError) {
    do { account.published(try write.publish(account.sources, goOn: goOn)) } catch { throw IngestError(error) }
  }
}
