import LoamKernels
import LoamSchema

/// The IDs of one space in the rows at hand, in order of first appearance, with what the ID table keeps of them.
///
/// ```
///   ID ─▶ slots (open addressing) ─▶ entries[code]: ID, count, first, last, string
/// ```
struct SpaceTally {
  struct Entry {
    var id: ID
    var count: UInt64
    /// Event times, or row numbers where the log has no time.
    var first: Int64
    var last: Int64
    var stringStart: Int
    var stringCount: Int

    @inline(__always)
    mutating func see(at time: Int64) {
      count += 1
      first = min(first, time)
      last = max(last, time)
    }
  }
  let space: String
  let isString: Bool
  /// Code and ID side by side: a lookup that finds its ID at once touches one cache line.
  private struct Slot {
    var id: ID
    var code: UInt32

    static let free = Slot(id: 0, code: .max)
  }
  private(set) var entries: [Entry] = []
  private var strings: [UInt8] = []
  private var slots = Array(repeating: Slot.free, count: 1 << 10)

  init(_ space: String, isString: Bool) {
    self.space = space
    self.isString = isString
  }

  var ids: [ID] { entries.map(\.id) }

  /// Counts one more appearance; the ID's code. `text` is what a string ID stands for.
  @inline(__always)
  mutating func count(_ id: ID, _ text: Record.Text, at time: Int64) throws(IngestError) -> UInt32 {
    let mask = slots.count - 1
    var place = Int(truncatingIfNeeded: loam_mix64(id)) & mask
    while slots[place].code != .max {
      if slots[place].id == id {
        let code = slots[place].code
        if isString { try check(text, Int(code)) }
        entries[Int(code)].see(at: time)
        return code
      }
      place = (place + 1) & mask
    }
    return insert(id, text, at: time, place)
  }

  private mutating func insert(_ id: ID, _ text: Record.Text, at time: Int64, _ place: Int) -> UInt32 {
    precondition(entries.count < IngestLimits.distinctIDs, "a batch has fewer values than that")
    let code = UInt32(entries.count)
    slots[place] = Slot(id: id, code: code)
    entries.append(
      Entry(
        id: id, count: 1, first: time, last: time, stringStart: strings.count, stringCount: isString ? text.count : 0))
    if isString { strings.append(contentsOf: text.bytes) }
    if 2 * entries.count > slots.count { grow() }
    return code
  }

  func string(of entry: Entry) -> String? {
    guard isString else { return nil }
    return String(decoding: strings[entry.stringStart..<entry.stringStart + entry.stringCount], as: UTF8.self)
  }

  /// The bytes of all strings, of which each entry names its own.
  func withStrings<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { strings.withUnsafeBytes(body) }

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    strings.removeAll(keepingCapacity: true)
    for index in slots.indices { slots[index] = .free }
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

  private mutating func grow() {
    var larger = Array(repeating: Slot.free, count: 4 * slots.count)
    let mask = larger.count - 1
    for slot in slots where slot.code != .max {
      var place = Int(truncatingIfNeeded: loam_mix64(slot.id)) & mask
      while larger[place].code != .max { place = (place + 1) & mask }
      larger[place] = slot
    }
    slots = larger
  }
}
