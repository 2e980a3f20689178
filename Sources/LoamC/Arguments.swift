import Foundation
import LoamSchema

/// Arguments of C, compared with what they must be before anything reads them.
enum Arguments {
  /// More elements than any machine has memory for are a mistake, and would overflow products.
  static let countMax: UInt64 = 1 << 40

  static func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String {
    guard let pointer else { throw APIError(.badArgument, "\(name) is NULL") }
    guard let text = String(validatingCString: pointer) else {
      throw APIError(.badArgument, "\(name) is not UTF-8 text")
    }
    return text
  }

  static func count(_ count: UInt64, _ name: String) throws -> Int {
    guard count <= countMax else { throw APIError(.badArgument, "\(name) is \(count), more than there can be") }
    return Int(count)
  }

  static func input<Element>(_ pointer: UnsafePointer<Element>?, _ count: UInt64, _ name: String) throws
    -> UnsafeBufferPointer<Element>
  {
    let count = try self.count(count, "the number of \(name)")
    guard pointer != nil || count == 0 else { throw APIError(.badArgument, "\(name) is NULL") }
    try requireAligned(UnsafeRawPointer(pointer), MemoryLayout<Element>.alignment, name)
    return UnsafeBufferPointer(start: pointer, count: count)
  }

  /// - Parameter expected: elements that the call writes.
  static func output<Element>(
    _ pointer: UnsafeMutablePointer<Element>?, _ count: UInt64, expected: Int, _ name: String
  ) throws -> UnsafeMutableBufferPointer<Element> {
    guard try self.count(count, "the length of \(name)") == expected else {
      throw APIError(.badArgument, "\(name) has room for \(count) elements, expected \(expected)")
    }
    guard pointer != nil || expected == 0 else { throw APIError(.badArgument, "\(name) is NULL") }
    try requireAligned(UnsafeRawPointer(pointer), MemoryLayout<Element>.alignment, name)
    return UnsafeMutableBufferPointer(start: pointer, count: expected)
  }

  private static func requireAligned(_ pointer: UnsafeRawPointer?, _ alignment: Int, _ name: String) throws {
    guard UInt(bitPattern: pointer) % UInt(alignment) == 0 else {
      throw APIError(.badArgument, "\(name) is not aligned to \(alignment) bytes")
    }
  }

  /// 0: one a core.
  static func threads(_ threads: Int32) throws -> Int {
    guard (0...1_024).contains(threads) else {
      throw APIError(.badArgument, "threads is \(threads), expected 0 to 1,024")
    }
    return threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : Int(threads)
  }

  static func absent(_ absent: Int32) throws -> Absent {
    guard let absent = Absent(rawValue: absent) else {
      throw APIError(.badArgument, "absent is \(absent), expected 0 (unknown) or 1 (zeros)")
    }
    return absent
  }

  static func pooling(_ pooling: Int32) throws -> PooledAs {
    guard let pooling = PooledAs(rawValue: pooling) else {
      throw APIError(.badArgument, "pooling is \(pooling), expected 0 (sum) or 1 (mean)")
    }
    return pooling
  }

  /// Offsets of bags: from 0 to the number of IDs, ascending.
  static func offsets(_ pointer: UnsafePointer<UInt32>?, bags: UInt64, ids: Int) throws -> UnsafeBufferPointer<UInt32> {
    let offsets = try input(pointer, UInt64(count(bags, "the number of bags")) + 1, "offsets")
    guard offsets[0] == 0, Int(offsets[offsets.count - 1]) == ids else {
      throw APIError(.badArgument, "offsets are not from 0 to the number of IDs, \(ids)")
    }
    for bag in 1..<offsets.count where offsets[bag] < offsets[bag - 1] {
      throw APIError(.badArgument, "offsets fall at bag \(bag)")
    }
    return offsets
  }
}

enum Absent: Int32, Sendable { case unknown, zeros }

enum PooledAs: Int32, Sendable { case sum, mean }
