import LoamKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The strings of up to 256 slots: presence and length of each, then their bytes. Stored with zstd.
///
/// ```
///   length u32 x rows     0xFFFFFFFF: the slot has no string
///   bytes
/// ```
struct DictionaryBlock {
  private static let none = UInt32.max

  private var lengths: [UInt32] = []
  private var ends: [Int] = []
  private var bytes: [UInt8] = []

  init() {}

  init(_ content: [UInt8], rows: Int, place: String) throws(StoreError) {
    try content.reading(place) { (reader) throws(StoreError) in
      lengths = try reader.array(rows)
      var end = 0
      for length in lengths {
        end += length == Self.none ? 0 : Int(length)
        ends.append(end)
      }
      guard end == reader.remaining else { throw reader.damaged("expected \(end) bytes of strings") }
      bytes = try reader.array(end)
    }
  }

  var rows: Int { lengths.count }
  var byteCount: Int { bytes.count + lengths.count * 12 }

  mutating func append(_ string: UnsafeRawBufferPointer?) {
    if let string { bytes.append(contentsOf: string) }
    lengths.append(string.map { UInt32($0.count) } ?? Self.none)
    ends.append(bytes.count)
  }

  /// Gives a row another string, or none.
  mutating func replace(_ row: Int, _ string: UnsafeRawBufferPointer?) {
    let old = lengths[row] == Self.none ? 0 : Int(lengths[row])
    let new = string?.count ?? 0
    bytes.replaceSubrange(ends[row] - old..<ends[row], with: string.map { Array($0) } ?? [])
    lengths[row] = string == nil ? Self.none : UInt32(new)
    for row in row..<ends.count { ends[row] += new - old }
  }

  /// The UTF-8 bytes; `nil` where the slot has no string.
  subscript(row: Int) -> ArraySlice<UInt8>? {
    lengths[row] == Self.none ? nil : bytes[ends[row] - Int(lengths[row])..<ends[row]]
  }

  /// Whether a row's string is this one; also true where it has none.
  func isString(_ row: Int, _ string: UnsafeRawBufferPointer) -> Bool {
    if lengths[row] == Self.none { return true }
    guard Int(lengths[row]) == string.count else { return false }
    if string.isEmpty { return true }
    let start = ends[row] - string.count
    return bytes.withUnsafeBytes { memcmp($0.baseAddress! + start, string.baseAddress!, string.count) } == 0
  }

  /// Asks for where a row's string lies; then, a little later, for the string.
  @inline(__always)
  func prefetchPlace(_ row: Int) {
    ends.withUnsafeBufferPointer { loam_prefetch_read($0.baseAddress! + row) }
    lengths.withUnsafeBufferPointer { loam_prefetch_read($0.baseAddress! + row) }
  }

  @inline(__always)
  func prefetchString(_ row: Int) {
    let end = ends[row]
    bytes.withUnsafeBufferPointer { if let start = $0.baseAddress { loam_prefetch_read(start + max(end - 8, 0)) } }
  }

  var content: [UInt8] {
    var writer = ByteWriter()
    writer.append(array: lengths)
    writer.append(array: bytes)
    return writer.bytes
  }
}
