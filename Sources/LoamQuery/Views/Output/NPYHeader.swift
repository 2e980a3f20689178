import LoamSchema

/// The head of a NumPy file of records, one a request: `numpy.load` gives an array with a field for each column.
///
/// Format 2.0 of numpy.lib.format: magic, version, length, a Python dictionary, blanks, a line end; the records follow
/// without gaps. The number of records has room to grow, so that the head can be written again at the end.
public struct NPYHeader {
  public var layout: ViewLayout

  public init(_ layout: ViewLayout) { self.layout = layout }

  /// The same length for any number of records.
  public func bytes(records: Int) -> [UInt8] {
    let fields = layout.columns.map { column in
      let type = column.element == .real ? "<f4" : column.element == .number ? "<i8" : "<u8"
      let shape = column.count.map { ", (\($0),)" } ?? ""
      return "('\(column.name)', '\(type)'\(shape))"
    }
    let count = "\(records)"
    var text = "{'descr': [\(fields.joined(separator: ", "))], 'fortran_order': False, 'shape': (\(count),), }"
    text += String(repeating: " ", count: 20 - count.count)
    return Self.bytes(dictionary: text)
  }

  /// The head that holds a dictionary, padded with blanks so that what follows begins at a multiple of 64 bytes.
  public static func bytes(dictionary: String) -> [UInt8] {
    var text = dictionary
    while (12 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    let length = UInt32(text.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [2, 0] + withUnsafeBytes(of: length.littleEndian, Array.init)
      + Array(text.utf8)
  }
}
