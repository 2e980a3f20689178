import Testing
import Zstd

@Suite struct ZstdDecoderTests {
  /// Feeds `input` in pieces and takes the output in pieces.
  func decode(_ input: [UInt8], piece: Int, room: Int) throws -> (content: [UInt8], whole: Bool) {
    let decoder = try ZstdDecoder()
    var content: [UInt8] = []
    var output = [UInt8](repeating: 0, count: room)
    var start = 0
    while start < input.count {
      let end = min(start + piece, input.count)
      var produced = 0
      repeat {
        let step = try input[start..<end].withUnsafeBytes { bytes in
          try output.withUnsafeMutableBytes { try decoder.decode(bytes, into: $0) }
        }
        content += output.prefix(step.produced)
        start += step.consumed
        produced = step.produced
      } while start < end || produced == room
    }
    return (content, decoder.isAtFrameEnd)
  }

  @Test(arguments: [1, 7, 100_000], [1, 64, 100_000])
  func anyCuttingOfInputAndOutputGivesTheSameContent(piece: Int, room: Int) throws {
    let text = Array(ZstdTests.text.prefix(3_000))
    let (content, whole) = try decode(ZstdTests.compressed(text), piece: piece, room: room)
    #expect(content == text)
    #expect(whole)
  }

  @Test func framesOneAfterAnotherAreOneContent() throws {
    let frame = ZstdTests.compressed([1, 2, 3])
    let (content, whole) = try decode(frame + frame, piece: 5, room: 2)
    #expect(content == [1, 2, 3, 1, 2, 3])
    #expect(whole)
  }

  @Test func aTruncatedStreamDoesNotEndAtAFrame() throws {
    let frame = ZstdTests.compressed(ZstdTests.text)
    #expect(try decode(Array(frame.dropLast()), piece: 1_000, room: 1_000).whole == false)
  }

  @Test func garbageAfterAFrameIsRefused() throws {
    let frame = ZstdTests.compressed(ZstdTests.text)
    #expect(throws: ZstdError.self) { try decode(frame + [9, 9, 9, 9, 9], piece: 1_000, room: 1_000) }
  }
}
