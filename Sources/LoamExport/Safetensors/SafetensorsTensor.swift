/// One tensor of a safetensors file: row-major, little-endian.
public struct SafetensorsTensor: Sendable, Equatable {
  public var name: String
  public var type: SafetensorsType
  /// Empty: a single element.
  public var shape: [Int]
  /// Where its content lies, in bytes from the end of the header. Given by the file's layout.
  public var range: Range<Int>

  public init(_ name: String, _ type: SafetensorsType, shape: [Int], range: Range<Int> = 0..<0) {
    self.name = name
    self.type = type
    self.shape = shape
    self.range = range
  }

  /// Elements times their size; `nil` where that overflows or a dimension is negative.
  public var byteCount: Int? {
    var count = type.size
    for dimension in shape {
      guard dimension >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// Names are compared as bytes: `String` would hold two spellings of one letter for the same name.
  func isNamed(_ other: String) -> Bool { name.utf8.elementsEqual(other.utf8) }
}
