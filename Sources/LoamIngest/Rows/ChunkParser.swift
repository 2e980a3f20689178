import LoamKernels
import LoamSchema
import LoamStore

/// Parses chunks: column by column where every record is as the schema says, else record by record.
///
/// ```
///   bytes ─▶ cells [records, columns] ─▶ columns            a regular chunk: one loop a column
///         └▶ record ─▶ values ─▶ columns                    any other, and what explains a malformed record
/// ```
///
/// The second way reads what the first gave up again from the start, so both give the same rows, codes and counts. A
/// parser keeps its memory from chunk to chunk. One thread at a time.
final class ChunkParser: @unchecked Sendable {
  private let plan: RowPlan
  private var columns: ColumnParser?
  private var builder: RowBuilder
  /// Column by column, as many as the file has.
  private var cells: [loam_cell] = []

  init(_ plan: RowPlan, now: Timestamp) {
    self.plan = plan
    builder = RowBuilder(plan, now: now)
    columns = plan.schema.format.kind.isDelimited ? ColumnParser(plan, now: now) : nil
  }

  /// - Parameter now: what `known_at: now` stores.
  func parse(_ chunk: RecordChunk, now: Timestamp) -> ParsedChunk {
    builder.clearTallies()
    builder.now = now
    columns?.now = now
    if let columns, let stride = cut(chunk), columns.parse(chunk, cells, stride: stride) {
      return ParsedChunk(group: columns.takeGroup(), tallies: columns.tallies, keys: columns.takeKeys())
    }
    return parseRecords(chunk)
  }

  /// Cells from one column to the next: not a power of two, so that columns do not fall on the same lines of a cache.
  private static let spareCells = 72

  /// Cells from one column to the next; `nil` where the chunk is not regular.
  private func cut(_ chunk: RecordChunk) -> Int? {
    guard let syntax = chunk.source.syntax as? DelimitedSyntax, syntax.columnCount > 0, !chunk.records.isEmpty else {
      return nil
    }
    let bytes = UnsafeBufferPointer(start: UnsafePointer(chunk.base), count: chunk.byteCount)
    if syntax.quotes && bytes.index(of: UInt8(ascii: "\"")) != nil { return nil }
    let (rows, width) = (chunk.records.count, syntax.columnCount)
    let stride = rows + Self.spareCells
    if cells.count < stride * width {
      cells = Array(repeating: loam_cell(start: 0, count: 0), count: stride * width)
    }
    let found = cells.withUnsafeMutableBufferPointer {
      loam_cut_lines(chunk.base, chunk.byteCount, syntax.delimiter, width, rows, stride, $0.baseAddress)
    }
    guard found == rows else { return nil }
    if syntax.trim {
      for column in 0..<width { trim(chunk, column * stride..<column * stride + rows) }
    }
    return stride
  }

  private func trim(_ chunk: RecordChunk, _ range: Range<Int>) {
    for index in range {
      let cell = cells[index]
      let text = Record.Text(start: UnsafePointer(chunk.base) + Int(cell.start), count: Int(cell.count)).trimmed
      let start = UnsafePointer(chunk.base).distance(to: text.start)
      cells[index] = loam_cell(start: UInt32(start), count: UInt32(text.count))
    }
  }

  private func parseRecords(_ chunk: RecordChunk) -> ParsedChunk {
    var parsed = ParsedChunk()
    var syntax = chunk.source.syntax
    var record = Record(base: chunk.base)
    for (number, extent) in chunk.records.enumerated() {
      record.base = chunk.base + extent.start
      record.count = extent.count
      record.line = extent.line
      record.hasInnerLines = extent.hasInnerLines
      do throws(RecordError) {
        do throws(RowFault) { try syntax.cut(&record) } catch { throw .row(error) }
        try builder.append(record, chunk.source.places)
        if !plan.rowKey.isEmpty { parsed.records.append(number) }
      } catch {
        switch error {
        case .row(let fault): parsed.bad.append(fault.row(in: record, of: chunk.source.name))
        case .input(let failure):
          parsed.failure = failure
          return parsed
        }
      }
    }
    parsed.group = builder.takeGroup()
    parsed.keys = builder.takeKeys()
    parsed.tallies = builder.tallies.map { [$0] }
    return parsed
  }
}
