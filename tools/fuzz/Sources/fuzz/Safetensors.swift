@testable import LoamExport

enum Safetensors {
  /// Length u64, header, content. What is read is written again, and read as the same.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 8 else { return }
    let length = bytes.loadUnaligned(as: UInt64.self)
    guard length <= UInt64(bytes.count - 8) else { return }
    let text = Array(bytes[8..<8 + Int(length)])
    let contentBytes = bytes.count - 8 - text.count
    guard let header = try? SafetensorsHeader(decoding: text, contentBytes: contentBytes) else { return }
    for tensor in header.tensors {
      precondition(tensor.byteCount == tensor.range.count && tensor.range.upperBound <= bytes.count)
    }
    let again = try? SafetensorsHeader(decoding: Array(header.encoded()[8...]), contentBytes: header.contentBytes)
    precondition(again == header)
  }
}
