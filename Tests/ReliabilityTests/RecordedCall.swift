import Foundation

/// One call that changed the files, as `io_calls.c` wrote it down.
enum RecordedCall {
  case write(path: String, offset: Int, bytes: [UInt8], isBarrier: Bool)
  case sync(path: String)
  case truncate(path: String, length: Int)
  case rename(from: String, to: String)
  case unlink(path: String)
  case makeDirectory(path: String)
  case create(path: String)
  /// A write to standard output: what the program acknowledged at this moment.
  case mark(String)

  static func all(of file: String) throws -> [RecordedCall] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    var calls: [RecordedCall] = []
    var at = 0
    func number(_ offset: Int, _ count: Int) -> Int {
      bytes[(at + offset)..<(at + offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    while at < bytes.count {
      let (kind, isBarrier) = (bytes[at], bytes[at + 1] != 0)
      let (offset, length) = (number(8, 8), number(16, 8))
      let (pathBytes, otherBytes) = (number(24, 4), number(28, 4))
      at += 32
      let path = String(decoding: bytes[at..<at + pathBytes], as: UTF8.self)
      let other = String(decoding: bytes[at + pathBytes..<at + pathBytes + otherBytes], as: UTF8.self)
      at += pathBytes + otherBytes
      let hasData = kind == 1 || kind == 8
      let data = hasData ? Array(bytes[at..<at + length]) : []
      at += data.count
      switch kind {
      case 1: calls.append(.write(path: path, offset: offset, bytes: data, isBarrier: isBarrier))
      case 2: calls.append(.sync(path: path))
      case 3: calls.append(.truncate(path: path, length: length))
      case 4: calls.append(.rename(from: path, to: other))
      case 5: calls.append(.unlink(path: path))
      case 6: calls.append(.makeDirectory(path: path))
      case 7: calls.append(.create(path: path))
      default: calls.append(.mark(String(decoding: data, as: UTF8.self)))
      }
    }
    return calls
  }
}
