import LoamKernels
import LoamSchema

/// The IDs of one space in the rows at hand, in order of first appearance, with what the ID table keeps of them.
///
/// ```
///   ID ─▶ slots (open addressing, codes) ─▶ entries[code]: ID, count, first, last, string
/// ```
final class SpaceTally {
  struct Entry {
    var id: ID
    var count: UInt64
    /// Event times, or row numbers where the log has no time.
    var first: Int64
    var last: Int64
    var stringStart: Int
    var stringCount: Int
  }
  let space: String
  let isString: Bool
  private(set) var entries: [Entry] = []
  private(set) var ids: [ID] = []
  private var strings: [UInt8] = []
  private var slots: [UInt32] = Array(repeating: .max, count: 1 << 10)

  init(_ space: String, isString: Bool) {
    self.space = space
    self.isString = isString
  }

  /// Counts one more appearance; the ID's code. `text` is the string of a string ID.
  func count(_ id: ID, _ text: Record.Text?, at time: Int64) throws(IngestError) -> UInt32 {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: loam_mix64(id)) & mask
    while slots[slot] != .max {
      let code = slots[slot]
      if ids[Int(code)] == id {
        if let text { try check(text, Int(code)) }
        entries.withUnsafeMutableBufferPointer { entries in
          entries[Int(code)].count += 1
          entries[Int(code)].first = min(entries[Int(code)].first, time)
          entries[Int(code)].last = max(entries[Int(code)].last, time)
        }
        return code
      }
      slot = (slot + 1) & mask
    }
    precondition(entries.count < IngestLimits.distinctIDs, "a batch has fewer values than that")
    let code = UInt32(entries.count)
    slots[slot] = code
    ids.append(id)
    entries.append(
      Entry(id: id, count: 1, first: time, last: time, stringStart: strings.count, stringCount: text?.count ?? 0))
    if let text { strings.append(contentsOf: text.bytes) }
    if 2 * entries.count > slots.count { grow() }
    return code
  }

  func string(of entry: Entry) -> String? {
    guard isString else { return nil }
    return String(decoding: strings[entry.stringStart..<entry.stringStart + entry.stringCount], as: UTF8.self)
  }

  /// The bytes of all strings, of which each entry names its own.
  func withStrings<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { strings.withUnsafeBytes(body) }

  func removeAll() {
    entries.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    strings.removeAll(keepingCapacity: true)
    for index in slots.indices { slots[index] = .max }
  }

  /// Equal hashes must be equal strings.
  private func check(_ text: Record.Text, _ code: Int) throws(IngestError) {
    let entry = entries[code]
    let isSame = strings.withUnsafeBufferPointer { strings in
      guard entry.stringCount == text.count else { return false }
      for index in 0..<text.count where strings[entry.stringStart + index] != text.start[index] { return false }
      return true
    }
    if isSame { return }
    throw IngestError(
      .hashCollision,
      "ID space \(space): \"\(text.string)\" and \"\(string(of: entry) ?? "")\" have the same hash \(entry.id)",
      hint: "Change one of them, or give the fields that hold them different ID spaces.")
  }

  private func grow() {
    var larger = [UInt32](repeating: .max, count: 4 * slots.count)
    let mask = larger.count - 1
    for (code, id) in ids.enumerated() {
      var slot = Int(truncatingIfNeeded: loam_mix64(id)) & mask
      while larger[slot] != .max { slot = (slot + 1) & mask }
      larger[slot] = UInt32(code)
    }
    slots = larger
  }
}
