import LoamSchema
import LoamStore

/// The rows of files as row groups, without a store: what `loam predict --input` reads.
///
/// A malformed row ends it with an error. Labels may be missing from the files where `labelsOptional`; they are NaN
/// then. One thread; blocks on input.
public final class RowGroupReader {
  private let plan: RowPlan
  private var builder: RowBuilder
  private let rowsPerGroup: Int
  private var inputs: ArraySlice<Input>
  private var reader: RecordReader?

  public init(
    _ schema: Schema, _ inputs: [Input], rowsPerGroup: Int = 8_192, labelsOptional: Bool = true,
    now: Timestamp = currentTime()
  ) {
    precondition(rowsPerGroup > 0)
    plan = RowPlan(schema, labelsOptional: labelsOptional)
    builder = RowBuilder(plan, now: now)
    self.inputs = inputs[...]
    self.rowsPerGroup = rowsPerGroup
  }

  /// The next rows, at most `rowsPerGroup`; `nil` after the last. Throws `badRows` at a malformed row.
  public func next() throws(IngestError) -> RowGroup? {
    while builder.rowCount < rowsPerGroup, let reader = try currentReader() {
      do throws(RecordError) {
        if try reader.next() {
          try builder.append(reader.record, reader.places)
        } else {
          self.reader = nil
        }
      } catch {
        switch error {
        case .input(let error): throw error
        case .row(let fault):
          let row = reader.row(of: fault)
          throw IngestError(.badRows, row.description, hint: row.hint, rows: [row])
        }
      }
    }
    if builder.rowCount == 0 { return nil }
    let group = builder.takeGroup()
    builder.clearTallies()
    return group
  }

  private func currentReader() throws(IngestError) -> RecordReader? {
    if reader == nil, let input = inputs.popFirst() {
      reader = try RecordReader(input, format: plan.schema.format, columns: plan.columns, optional: plan.optional)
    }
    return reader
  }
}
