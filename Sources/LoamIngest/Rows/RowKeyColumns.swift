import LoamStore

/// Joins the texts of a row's key: each with its length before it, so that no other texts are the same bytes.
struct RowKeyColumns {
  private(set) var keys: [RowKey] = []
  private var bytes: [UInt8] = []

  mutating func append(_ text: Record.Text) {
    withUnsafeBytes(of: UInt32(text.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text.bytes)
  }

  /// What was appended since the last row is the key of this one.
  mutating func endRow() {
    keys.append(bytes.withUnsafeBytes { RowKey(hashing: $0) })
    bytes.removeAll(keepingCapacity: true)
  }

  /// What was appended is nobody's: the row is malformed.
  mutating func dropRow() { bytes.removeAll(keepingCapacity: true) }

  /// The keys of the rows at hand.
  mutating func take() -> [RowKey] {
    defer { keys = [] }
    return keys
  }
}
