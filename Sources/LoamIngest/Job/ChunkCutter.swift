import LoamSchema
import LoamStore

/// Cuts the inputs of an ingest into chunks of whole records, in order, ahead of what is parsed.
final class ChunkCutter: @unchecked Sendable {
  // Used by one thread at a time: the one that cuts the next wave.

  /// Chunks that are parsed together.
  struct Wave {
    var chunks: [RecordChunk] = []
    /// Why no chunk follows them: to be thrown once they were parsed.
    var failure: IngestError?

    var recordCount: Int { chunks.reduce(0) { $0 + $1.records.count } }
    var isEmpty: Bool { chunks.isEmpty && failure == nil }
  }

  private let plan: RowPlan
  private var inputs: ArraySlice<Input>
  private let recordsPerChunk: Int
  private let isGrowing: Bool
  /// The log's, as they are once everything that was cut is stored.
  private var sources: [LogSource]
  private var reader: RecordReader?
  private var position: SourcePosition?
  private var source: ChunkSource?
  private var roomBytes = roomBytesMin
  private let memory = ChunkMemory()

  private static let roomBytesMin = 1 << 16

  /// - Parameter isGrowing: the one input has no end; a wave has what is there, perhaps nothing.
  init(_ inputs: [Input], _ plan: RowPlan, recordsPerChunk: Int, sources: [LogSource], isGrowing: Bool = false) {
    (self.inputs, self.plan, self.recordsPerChunk, self.sources) = (inputs[...], plan, recordsPerChunk, sources)
    self.isGrowing = isGrowing
  }

  /// The next chunks: none at the end of the inputs. Each input has at least one, be it without records.
  ///
  /// - Parameters:
  ///   - recordsMax: of all chunks.
  ///   - firstRow: number that the first record's row would have in the log: chunks end where row groups do.
  func wave(chunks count: Int, recordsMax: Int, firstRow: Int) -> Wave {
    var wave = Wave()
    var (left, row) = (recordsMax, firstRow)
    do throws(IngestError) {
      while wave.chunks.count < count, left > 0 {
        let limit = min(recordsPerChunk, left, IngestLimits.chunkRecords - row % IngestLimits.chunkRecords)
        guard try open() else { break }
        let chunk = RecordChunk(source!, room: roomBytes, recordsMax: limit, memory)
        wave.chunks.append(chunk)
        try fill(chunk, recordsMax: limit)
        if isGrowing && chunk.records.isEmpty {
          wave.chunks.removeLast()
          break
        }
        // The next one has as many bytes, give or take some.
        roomBytes = max(Self.roomBytesMin, chunk.byteCount + chunk.byteCount / 16)
        left -= chunk.records.count
        row += chunk.records.count
      }
    } catch { wave.failure = error }
    return wave
  }

  /// False after the last input.
  private func open() throws(IngestError) -> Bool {
    if source != nil { return true }
    guard let input = inputs.popFirst() else { return false }
    let reader = try RecordReader(input, format: plan.schema.format, columns: plan.columns, isGrowing: isGrowing)
    var position = try SourcePosition(reader, among: sources)
    let index = position.index ?? sources.count
    position.index = index
    if index == sources.count { sources.append(position.source) }
    source = ChunkSource(reader, position, index: index)
    (self.reader, self.position) = (reader, position)
    return true
  }

  private func fill(_ chunk: RecordChunk, recordsMax: Int) throws(IngestError) {
    guard let reader, var position else { preconditionFailure("a chunk of no input") }
    var isComplete = true
    if position.outcome != .skipped {
      try reader.cut(into: chunk, recordsMax: recordsMax, bytesMax: IngestLimits.chunkRecordBytes)
      isComplete = try reader.isExhausted()
      position.advance(reader, complete: isComplete)
      sources[chunk.source.index] = position.source
      self.position = position
    }
    chunk.position = position.source
    chunk.bytesRead = reader.bytesRead
    if isComplete { (self.reader, self.position, source) = (nil, nil, nil) }
  }
}
