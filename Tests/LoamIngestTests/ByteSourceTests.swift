import CZlib
import LoamIngest
import LoamSchema
import Testing
import Zstd

@Suite struct ByteSourceTests {
  static let text = Array(("y,x,s,n\n" + (0..<400).map { "1,\($0),user\($0 * 7919 % 1000),\($0)\n" }.joined()).utf8)

  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, 0, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + 100)
    let count = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        deflate(&stream, Z_FINISH)
        return Int(stream.total_out)
      }
    }
    return Array(output.prefix(count))
  }

  static func zstd(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { Zstd.compress($0) } }

  @Test(arguments: [1, 2, 5, 100, 1 << 20]) func compressedFilesAreRecognisedByTheirFirstBytes(chunk: Int) throws {
    let plain = try rows(of: Self.text, smallSchema())
    #expect(plain.rowCount == 400)
    #expect(try rows(of: Self.gzip(Self.text), smallSchema(), chunk: chunk) == plain)
    #expect(try rows(of: Self.zstd(Self.text), smallSchema(), chunk: chunk) == plain)
  }

  @Test(arguments: [1, 3, 1 << 20]) func membersAndFramesFollowOneAnother(chunk: Int) throws {
    let (head, tail) = (Array(Self.text.prefix(1_001)), Array(Self.text.dropFirst(1_001)))
    let plain = try rows(of: Self.text, smallSchema())
    #expect(try rows(of: Self.gzip(head) + Self.gzip(tail), smallSchema(), chunk: chunk) == plain)
    #expect(try rows(of: Self.zstd(head) + Self.zstd(tail), smallSchema(), chunk: chunk) == plain)
  }

  @Test func everyTruncationIsRefusedWithItsByte() {
    for packed in [Self.gzip(Self.text), Self.zstd(Self.text)] {
      for count in stride(from: 7, to: packed.count, by: 13) {
        let error = refusal(of: Array(packed.prefix(count)), smallSchema())
        #expect(error?.code == "ingest.damaged-input", "cut at \(count)")
        #expect(error?.message.hasPrefix("rows: byte \(count): the ") == true)
        #expect(error?.message.hasSuffix("ends too early: the file is truncated") == true)
      }
    }
  }

  @Test func bytesAfterTheEndAreRefused() {
    let packed = Self.gzip(Self.text)
    #expect(
      refusal(of: packed + [0, 0, 0], smallSchema())?.message
        == "rows: byte \(packed.count): bytes after the end of the gzip data are no gzip member")
    let frame = Self.zstd(Self.text)
    #expect(
      refusal(of: frame + Array("trailing".utf8), smallSchema())?.message.contains(
        "bytes after the end of the zstd data are no frame") == true)
  }

  @Test func damageIsRefused() {
    for packed in [Self.gzip(Self.text), Self.zstd(Self.text)] {
      var damaged = packed
      damaged[packed.count / 2] ^= 0x55
      #expect(refusal(of: damaged, smallSchema()) != nil)
    }
  }

  @Test func otherKindsOfFilesAreNamed() {
    #expect(refusal(of: [0x50, 0x4b, 3, 4, 0, 0], smallSchema())?.message.contains("a zip archive") == true)
    #expect(refusal(of: Array("PAR1".utf8) + [0x15, 0], smallSchema())?.message.contains("a Parquet file") == true)
    #expect(refusal(of: [0xff, 0xfe, 0x41, 0, 0x42, 0], smallSchema())?.message.contains("UTF-16") == true)
  }

  @Test func aFileThatIsNotThereIsUnreadable() {
    let reader = RowGroupReader(smallSchema(), [.file("/no/such/file.csv")])
    let error = #expect(throws: IngestError.self) { _ = try reader.next() }
    #expect(error?.code == "ingest.unreadable")
    #expect(error?.category == .refused)
    #expect(error?.message == "/no/such/file.csv: No such file or directory")
  }
}
