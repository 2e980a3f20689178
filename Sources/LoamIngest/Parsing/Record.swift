/// One record cut into fields. Its pointers are valid until the next record is read.
package struct Record {
  /// A piece of text of the record.
  package struct Text {
    package var start: UnsafePointer<UInt8>
    package var count: Int

    package init(start: UnsafePointer<UInt8>, count: Int) {
      (self.start, self.count) = (start, count)
    }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
  }

  enum Kind: UInt8 {
    /// Not in the record, or null.
    case absent
    /// Cells of delimited files, JSON strings, numbers and booleans (`1`, `0`).
    case text
    /// Values cut already (JSON arrays, libsvm): `first` and `count` name them in `elements`.
    case list
    /// A JSON object or an array of arrays: no field takes it.
    case structure
  }

  struct Field {
    var kind = Kind.absent
    /// Of a list: where it begins.
    var text: Text
    var firstElement: Int32 = 0
    var elementCount: Int32 = 0
  }

  struct Element {
    var text: Text
    var weight: Text?
  }

  /// The record's first byte, and its bytes with the line end.
  var base: UnsafeMutablePointer<UInt8>
  var count = 0
  /// Line of the first byte, from 1.
  var line = 1
  /// It goes on over several lines.
  var hasInnerLines = false
  /// Delimited files: one a cell of the file. JSON and libsvm: one a name asked for.
  var fields: [Field] = []
  var elements: [Element] = []

  var nowhere: Text { Text(start: UnsafePointer(base), count: 0) }
}
