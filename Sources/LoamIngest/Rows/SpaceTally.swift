import LoamKernels
import LoamSchema

/// The distinct IDs of a chunk's rows in one field, or in the fields of one space, in order of first appearance, with
/// what the ID table keeps of them.
///
/// ```
///   ID ─▶ slots (open addressing) ─▶ entries[code]: ID, count, first, last, string
/// ```
///
/// Times are event times, or numbers of rows in the chunk where the log has no time.
final class SpaceTally: @unchecked Sendable {
  // Used by one thread at a time: the one that has its chunk.
  let space: String
  let isString: Bool
  private var tally = loam_tally()

  init(_ space: String, isString: Bool) {
    self.space = space
    self.isString = isString
  }

  deinit { loam_tally_free(&tally) }

  /// Valid until the tally changes.
  var entries: UnsafeBufferPointer<loam_tally_entry> {
    UnsafeBufferPointer(start: tally.entries, count: Int(tally.count))
  }

  var ids: [ID] { entries.map(\.id) }

  /// The string that a code stands for. Valid until the tally changes.
  func text(_ code: Int) -> Record.Text {
    Record.Text(start: loam_tally_text(&tally, tally.entries + code), count: Int(tally.entries[code].textCount))
  }

  /// Counts one more appearance; the ID's code. `text` is what a string ID stands for.
  func count(_ id: ID, _ text: Record.Text, at time: Int64, row: Int) throws(IngestError) -> UInt32 {
    let code = loam_tally_add(&tally, id, isString ? text.start : nil, text.count, time, UInt32(row))
    if code != LOAM_TALLY_COLLISION { return code }
    let known = entries.firstIndex { $0.id == id }.map { self.text($0).string } ?? ""
    throw IngestError(
      .hashCollision, "ID space \(space): \"\(text.string)\" and \"\(known)\" have the same hash \(id)",
      hint: "Change one of them, or give the fields that hold them different ID spaces.")
  }

  /// Counts a column of a regular chunk; `false` where a row asks for a closer look.
  func count(
    _ column: loam_column, rows: Int, times: UnsafePointer<Int64>?, codes: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    let done =
      isString
      ? loam_tally_strings(&tally, column, 0, rows, times, codes)
      : loam_tally_integers(&tally, column, 0, rows, times, codes)
    guard done == rows else { return false }
    // An ID is refused for what its first appearance is.
    return entries.indices.allSatisfy { code in
      entries[code].id <= ID.largest && (!isString || text(code).refusalAsString() == nil)
    }
  }

  func removeAll() { loam_tally_clear(&tally) }
}
