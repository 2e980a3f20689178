import Testing

@testable import LoamExport

/// What pyarrow says of whole files, tools/check-foreign-readers asks.
@Suite struct ArrowFileTests {
  @Test func whatIsMissingHasNoBit() {
    let reals = ArrowValues([1, .nan, 3, .nan, 5, 6, 7, 8, .nan] as [Float], isMissing: \.isNaN)
    #expect(reals.nulls == 3 && reals.validity == [0b1111_0101, 0b1111_1110] && reals.content[0].count == 36)
    let texts = ArrowValues(["ab", nil, "", "é"])
    #expect(texts.nulls == 1 && texts.validity == [0b1111_1101])
    #expect(texts.content[0].withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) } == [0, 2, 2, 2, 4])
    #expect(texts.content[1] == Array("abé".utf8))
    let whole = ArrowValues([1, 2] as [UInt64])
    #expect(whole.nulls == 0 && whole.validity.isEmpty)
  }

  @Test func batchesBeginAtMultiplesOfEightAndTheFooterIsFoundFromTheEnd() {
    var file = ArrowFile([
      ArrowColumn("id", .u64), ArrowColumn("vector", .f32, width: 3, isNullable: true), ArrowColumn("text", .string),
    ])
    var bytes = file.head()
    #expect(bytes.count % 8 == 0)
    for rows in [1, 5] {
      bytes += file.batch(
        rows: rows,
        [
          ArrowValues([UInt64](repeating: 7, count: rows)),
          ArrowValues([Float](repeating: .nan, count: rows * 3), isMissing: \.isNaN),
          ArrowValues([String?](repeating: "abc", count: rows)),
        ])
      #expect(bytes.count % 8 == 0)
    }
    let end = bytes.count
    bytes += file.tail()
    #expect(Array(bytes.suffix(6)) == Array("ARROW1".utf8))
    let length = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: bytes.count - 10, as: UInt32.self) }
    // The mark of the end, eight bytes, stands before the footer.
    #expect(end + 8 + Int(length) + 10 == bytes.count)
  }
}
