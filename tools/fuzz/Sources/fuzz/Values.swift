import Foundation
import LoamSchema

@testable import LoamIngest

enum Values {
  static func run(_ bytes: UnsafeRawBufferPointer) {
    // A copy of exactly as many bytes: the sanitizer sees what is read beyond.
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
    defer { copy.deallocate() }
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    let text = Record.Text(start: copy, count: bytes.count)
    let string = String(decoding: bytes, as: UTF8.self)
    if let value = parseReal(text) {
      precondition(value == Double(string), "\(string) is \(value)")
    }
    let isDigits = bytes.allSatisfy { (0x30...0x39).contains($0) }
    precondition(parseUnsigned(text) == (isDigits ? UInt64(string) : nil), string)
    for unit in [TimeColumn.Unit.seconds, .milliseconds, .microseconds, .iso8601] { _ = parseTime(text, unit) }
    _ = text.refusalAsString()
  }
}
