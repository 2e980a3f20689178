import CZlib
import LoamExport

/// The content of one entry of a zip archive; its length and checksum are compared at the end.
final class ZipEntryFeed: ByteFeed {
  let name: String
  private let entry: ZipArchive.Entry
  private let file: InputFile
  private let stream: UnsafeMutablePointer<z_stream>
  private let packed: UnsafeMutableRawBufferPointer
  private var packedRead = 0
  private var produced = 0
  private var crc: UInt = 0
  private var isEnded = false

  init(_ archive: ZipArchive, _ entry: ZipArchive.Entry) throws(ImportError) {
    self.entry = entry
    name = "\(archive.path): \(entry.name)"
    file = try ZipArchive.open(archive.path)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    packed = .allocate(byteCount: 1 << 16, alignment: 16)
    // Negative: deflate data without a wrapper.
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw ImportError(.io, "\(name): zlib cannot start")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    packed.deallocate()
  }

  var fileBytesRead: Int { packedRead }
  var fileBytesTotal: Int { entry.packedBytes }

  func read(into output: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int {
    if isEnded { return 0 }
    let count = entry.isDeflated ? try inflated(into: output) : try stored(into: output)
    produced += count
    guard produced <= entry.bytes else { throw refusal("more than the \(entry.bytes) bytes that the directory says") }
    try ImportLimits.refuseBomb(decoded: produced, from: packedRead, name)
    crc = crc32(crc, output.bindMemory(to: UInt8.self).baseAddress, UInt32(count))
    if isEnded || count == 0 { try checkEnd() }
    return count
  }

  private func refusal(_ what: String) -> ImportError {
    ImportError(.malformed, "\(name): \(what)", hint: "Get the file again; `unzip -t` tests it.")
  }

  private func checkEnd() throws(ImportError) {
    isEnded = true
    guard produced == entry.bytes else { throw refusal("\(produced) bytes, the directory says \(entry.bytes)") }
    guard packedRead == entry.packedBytes, stream.pointee.avail_in == 0 else { throw refusal("bytes after its end") }
    guard UInt32(truncatingIfNeeded: crc) == entry.crc else { throw refusal("its checksum is another: it is damaged") }
  }

  private func stored(into output: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int {
    let count = min(output.count, entry.packedBytes - packedRead)
    try readFile(into: UnsafeMutableRawBufferPointer(rebasing: output[..<count]))
    return count
  }

  private func readFile(into room: UnsafeMutableRawBufferPointer) throws(ImportError) {
    do throws(ExportError) { try file.read(at: entry.contentOffset + packedRead, into: room) } catch {
      throw ImportError(error)
    }
    packedRead += room.count
  }

  private func inflated(into output: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int {
    let room = output.prefix(1 << 30)
    while true {
      if stream.pointee.avail_in == 0, packedRead < entry.packedBytes {
        let piece = UnsafeMutableRawBufferPointer(
          rebasing: packed[..<min(packed.count, entry.packedBytes - packedRead)])
        try readFile(into: piece)
        stream.pointee.next_in = piece.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(piece.count)
      }
      stream.pointee.next_out = UnsafeMutableRawBufferPointer(rebasing: room).bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(room.count)
      let hadInput = stream.pointee.avail_in > 0
      let code = inflate(stream, Z_NO_FLUSH)
      let count = room.count - Int(stream.pointee.avail_out)
      switch code {
      case Z_STREAM_END:
        isEnded = true
        return count
      case Z_OK, Z_BUF_ERROR:
        if count > 0 { return count }
        if !hadInput { throw refusal("the deflated data ends too early: it is truncated") }
      default: throw refusal("the deflated data is damaged (zlib code \(code))")
      }
    }
  }
}
