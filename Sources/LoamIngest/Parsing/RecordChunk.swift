import LoamStore

/// Whole records of one input, one after the other, in memory of their own.
final class RecordChunk: @unchecked Sendable {
  // Filled by one thread, then parsed by one other.
  struct Extent {
    var start: Int
    var count: Int
    /// Line of the first byte, from 1.
    var line: Int
    var hasInnerLines: Bool
  }
  let source: ChunkSource
  private(set) var records: [Extent] = []
  private(set) var byteCount = 0
  private(set) var base: UnsafeMutablePointer<UInt8>
  private var room: Int
  private let memory: ChunkMemory

  /// The position in the input behind the last record: as it is stored, and in bytes of the file as it lies there.
  var position = LogSource(name: "", fingerprint: "")
  var bytesRead = 0

  /// - Parameters:
  ///   - room: bytes that are expected.
  ///   - recordsMax: records that may come.
  init(_ source: ChunkSource, room: Int, recordsMax: Int, _ memory: ChunkMemory) {
    self.source = source
    self.memory = memory
    (base, self.room) = memory.take(room: room)
    records.reserveCapacity(recordsMax)
  }

  deinit { memory.give(base, room: room) }

  func append(_ record: Record) {
    append(
      record.base,
      Extent(start: 0, count: record.count, line: record.line, hasInnerLines: record.hasInnerLines))
  }

  /// The same chunk without some of its records.
  ///
  /// - Parameter isLeftOut: of each record.
  func leavingOut(_ isLeftOut: [Bool]) -> RecordChunk {
    let copy = RecordChunk(source, room: byteCount, recordsMax: records.count, memory)
    for (extent, isLeftOut) in zip(records, isLeftOut) where !isLeftOut { copy.append(base + extent.start, extent) }
    copy.seal()
    (copy.position, copy.bytesRead) = (position, bytesRead)
    return copy
  }

  /// - Parameter extent: of the record that begins at `start`.
  private func append(_ start: UnsafePointer<UInt8>, _ extent: Extent) {
    if byteCount + extent.count > room {
      let (larger, newRoom) = memory.take(room: max(2 * room, byteCount + extent.count))
      larger.update(from: base, count: byteCount)
      memory.give(base, room: room)
      (base, room) = (larger, newRoom)
    }
    (base + byteCount).update(from: start, count: extent.count)
    var moved = extent
    moved.start = byteCount
    records.append(moved)
    byteCount += extent.count
  }

  /// So that kernels read no memory that was never written.
  func seal() { (base + byteCount).update(repeating: 0, count: ChunkMemory.slack) }
}

/// What the chunks of one input have in common.
final class ChunkSource: @unchecked Sendable {
  // Nothing changes; a syntax is copied before it cuts.
  let name: String
  let syntax: any RecordSyntax
  /// Where the records have the plan's columns.
  let places: [Int]
  let outcome: IngestReport.Outcome
  /// Index among the log's sources.
  let index: Int
  /// The position before this run.
  let before: LogSource
  /// `nil` for a pipe.
  let bytesTotal: Int?

  init(_ reader: RecordReader, _ position: SourcePosition, index: Int) {
    (name, syntax, places) = (reader.input.name, reader.syntax, reader.places)
    (outcome, before, bytesTotal) = (position.outcome, position.source, reader.bytesTotal)
    self.index = index
  }
}
