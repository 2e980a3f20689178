/// The header of a NumPy array file: what its elements are, and how many.
///
/// ```
///   \x93NUMPY  major  minor  length u16 (u32 from major 2)   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
/// ```
///
/// Source: NumPy Enhancement Proposal 1. Arrays of objects are pickles, which run code when they are read: refused.
struct NPYHeader: Equatable {
  /// Element types that are read; all little-endian.
  enum Element: Equatable {
    case real(ElementType)
    case integer(bytes: Int, signed: Bool)

    var size: Int {
      switch self {
      case .real(let type): type.size
      case .integer(let bytes, _): bytes
      }
    }

    var isInteger: Bool {
      if case .integer = self { true } else { false }
    }
  }
  var descr: String
  var type: Element
  var shape: [Int]

  var summary: String { "\(descr) \(shape)" }

  /// Elements times their size; `nil` where that overflows.
  var byteCount: Int? {
    var count = type.size
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      count = product
    }
    return count
  }

  init(_ text: [UInt8], _ name: String) throws(ImportError) {
    var scanner = NPYScanner(text, name)
    (descr, shape) = try scanner.header()
    guard let type = Self.element(descr) else {
      let isPickle = descr.contains("O")
      let isForeign = descr.hasPrefix(">")
      throw ImportError(
        .unsupported,
        "\(name): elements of type \(descr.quoted) are not read"
          + (isPickle ? ": an array of objects is a program" : isForeign ? ": the order of bytes is another" : ""),
        hint: "Write f4, f2, f8 or i1 (IDs: whole numbers), little-endian: array.astype('<f4').")
    }
    self.type = type
    guard byteCount != nil else { throw ImportError(.malformed, "\(name): the shape \(shape) overflows") }
  }

  private static func element(_ descr: String) -> Element? {
    switch descr {
    case "<f4": .real(.f32)
    case "<f2": .real(.f16)
    case "<f8": .real(.f64)
    case "|i1", "<i1": .real(.i8)
    case "<i2", "<i4", "<i8": .integer(bytes: descr.last!.wholeNumberValue!, signed: true)
    case "|u1", "<u1", "<u2", "<u4", "<u8": .integer(bytes: descr.last!.wholeNumberValue!, signed: false)
    default: nil
    }
  }
}
