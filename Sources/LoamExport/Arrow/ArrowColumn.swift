/// A column of an Arrow file.
public struct ArrowColumn: Sendable {
  public enum Element: Sendable { case u64, i64, f32, string }

  public var name: String
  public var element: Element
  /// `nil`: one element a row; else a list of so many.
  public var width: Int?
  /// Whether elements may be missing.
  public var isNullable: Bool

  public init(_ name: String, _ element: Element, width: Int? = nil, isNullable: Bool = false) {
    (self.name, self.element, self.width, self.isNullable) = (name, element, width, isNullable)
  }
}

/// What a batch has of a column: its elements, of lists row after row.
public struct ArrowValues: Sendable {
  let count: Int
  private(set) var nulls = 0
  /// A bit an element, the first in the lowest one: it is there. Empty: all are.
  private(set) var validity: [UInt8] = []
  /// Numbers; or where each string begins and all end, and the strings' bytes.
  let content: [[UInt8]]

  /// Numbers in the machine's order of bytes, little-endian.
  public init<Number: BitwiseCopyable>(_ numbers: [Number], isMissing: (Number) -> Bool = { _ in false }) {
    self.init(numbers.count, [Self.bytes(numbers)]) { isMissing(numbers[$0]) }
  }

  /// Strings, UTF-8; together below 2 GB, as the format's type says. `nil`: missing.
  public init(_ texts: [String?]) {
    var (offsets, bytes): ([Int32], [UInt8]) = ([0], [])
    for text in texts {
      bytes += (text ?? "").utf8
      offsets.append(Int32(bytes.count))
    }
    self.init(texts.count, [Self.bytes(offsets), bytes]) { texts[$0] == nil }
  }

  /// Strings that lie one after the other; `offsets` has one more than there are strings.
  init(offsets: [Int32], bytes: [UInt8]) {
    self.init(offsets.count - 1, [Self.bytes(offsets), bytes]) { _ in false }
  }

  private init(_ count: Int, _ content: [[UInt8]], isMissing: (Int) -> Bool) {
    (self.count, self.content) = (count, content)
    for element in 0..<count where isMissing(element) {
      if validity.isEmpty { validity = [UInt8](repeating: 0xFF, count: (count + 7) / 8) }
      validity[element / 8] &= ~(1 << UInt8(element % 8))
      nulls += 1
    }
  }

  private static func bytes<Element: BitwiseCopyable>(_ values: [Element]) -> [UInt8] {
    values.withUnsafeBytes(Array.init)
  }
}
