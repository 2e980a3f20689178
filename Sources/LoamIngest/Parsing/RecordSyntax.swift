/// How bytes become records: where a record ends, then what its fields are.
///
/// Two steps, so that the extent is known (and its bytes hashed) before the fields are cut, which may rewrite the
/// record in place.
protocol RecordSyntax {
  /// Bytes of the first record with its line end, or `nil` where `bytes` ends before it does.
  func extent(of bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> Int?
  /// Fills `record.fields` from `record.base` and `record.count`.
  mutating func cut(_ record: inout Record) throws(RowFault)
  /// The record holds nothing and is none.
  func isBlank(_ record: UnsafeBufferPointer<UInt8>) -> Bool
}

extension RecordSyntax {
  /// A record is a line.
  func extent(of bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> Int? { bytes.lineLength(atEnd: atEnd) }

  func isBlank(_ record: UnsafeBufferPointer<UInt8>) -> Bool {
    record.allSatisfy { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: " ") }
  }
}
