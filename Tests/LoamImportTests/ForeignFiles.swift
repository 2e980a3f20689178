import CZlib
import Foundation

/// Files as other programs write them.
enum Foreign {
  static func bytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes(Array.init) }

  /// A .npy file; the header may say anything.
  static func npy(_ descr: String, _ shape: String, _ content: [UInt8], fortran: String = "False", major: UInt8 = 1)
    -> [UInt8]
  {
    npy(header: "{'descr': '\(descr)', 'fortran_order': \(fortran), 'shape': \(shape), }", content, major: major)
  }

  static func npy(header: String, _ content: [UInt8], major: UInt8 = 1, length: Int? = nil) -> [UInt8] {
    let prefix = major == 1 ? 10 : 12
    var text = Array(header.utf8)
    while (prefix + text.count + 1) % 64 != 0 { text.append(0x20) }
    text.append(0x0A)
    let count = length ?? text.count
    let lengthBytes = (0..<(major == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    return [0x93] + Array("NUMPY".utf8) + [major, 0] + lengthBytes + text + content
  }

  static func vectors(_ rows: [[Float]]) -> [UInt8] {
    npy("<f4", "(\(rows.count), \(rows[0].count))", rows.flatMap { bytes($0) })
  }

  static func safetensors(_ header: String, _ content: [UInt8]) -> [UInt8] {
    bytes([UInt64(header.utf8.count)]) + Array(header.utf8) + content
  }

  /// word2vec's binary format.
  static func word2vec(_ rows: [(word: String, vector: [Float])], header: String? = nil, feeds: Bool = true) -> [UInt8]
  {
    var file = Array((header ?? "\(rows.count) \(rows[0].vector.count)").utf8) + [0x0A]
    for row in rows { file += Array(row.word.utf8) + [0x20] + bytes(row.vector) + (feeds ? [0x0A] : []) }
    return file
  }

  static func gzip(_ content: [UInt8]) -> [UInt8] { deflate(content, windowBits: 15 + 16) }
  static func deflate(_ content: [UInt8]) -> [UInt8] { deflate(content, windowBits: -15) }

  private static func deflate(_ content: [UInt8], windowBits: Int32) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 9, Z_DEFLATED, windowBits, 8, 0, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: content.count + content.count / 100 + 1_024)
    var input = content
    input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        _ = CZlib.deflate(&stream, Z_FINISH)
      }
    }
    return Array(output.prefix(Int(stream.total_out)))
  }
}

/// A zip archive, every field of which a test may set wrong.
struct Zip {
  struct Entry {
    var name: String
    var content: [UInt8]
    var isDeflated = false
    var method: UInt16?
    var flags: UInt16 = 0
    var bytes: UInt32?
    var packedBytes: UInt32?
    var crc: UInt32?
    var localName: String?
    /// Of the local header.
    var offset: UInt32?
    var cut = 0
  }
  var entries: [Entry]
  var entryCount: UInt16?
  var directoryOffset: UInt32?

  init(_ entries: [Entry]) { self.entries = entries }

  var file: [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    func u16(_ value: UInt16) -> [UInt8] { Foreign.bytes([value]) }
    func u32(_ value: UInt32) -> [UInt8] { Foreign.bytes([value]) }
    for entry in entries {
      let packed = entry.isDeflated ? Foreign.deflate(entry.content) : entry.content
      let method = entry.method ?? (entry.isDeflated ? 8 : 0)
      let crc = entry.crc ?? UInt32(crc32(0, entry.content, UInt32(entry.content.count)))
      let bytes = entry.bytes ?? UInt32(entry.content.count)
      let packedBytes = entry.packedBytes ?? UInt32(packed.count)
      let offset = entry.offset ?? UInt32(file.count)
      let local = Array((entry.localName ?? entry.name).utf8)
      file += u32(0x0403_4B50) + u16(20) + u16(entry.flags) + u16(method) + u32(0) + u32(crc)
      file += u32(packedBytes) + u32(bytes) + u16(UInt16(local.count)) + u16(0) + local + packed.dropLast(entry.cut)
      let name = Array(entry.name.utf8)
      directory += u32(0x0201_4B50) + u16(20) + u16(20) + u16(entry.flags) + u16(method) + u32(0) + u32(crc)
      directory += u32(packedBytes) + u32(bytes) + u16(UInt16(name.count)) + u16(0) + u16(0) + u16(0) + u16(0) + u32(0)
      directory += u32(offset) + name
    }
    let count = entryCount ?? UInt16(entries.count)
    let end = u32(0x0605_4B50) + u16(0) + u16(0) + u16(count) + u16(count) + u32(UInt32(directory.count))
    return file + directory + end + u32(directoryOffset ?? UInt32(file.count)) + u16(0)
  }
}
