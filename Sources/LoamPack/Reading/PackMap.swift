import Foundation
import LoamKernels
import LoamSchema

/// A mapped file, whose tables keep it.
final class PackMap: @unchecked Sendable {
  // Nothing changes it between `init` and `deinit`.
  let pack: UnsafeMutablePointer<loam_pack>
  private let path: String

  init(_ path: String) throws(PackError) {
    self.path = path
    var opened = loam_pack()
    let status = loam_pack_open(&opened, path)
    let number = errno
    guard status == loam_pack_ok else {
      throw .opening(path, status, String(cString: opened.problem), number)
    }
    // The tables point at the value, so it gets its place last.
    pack = .allocate(capacity: 1)
    pack.initialize(to: opened)
  }

  deinit {
    loam_pack_close(pack)
    pack.deallocate()
  }

  func verify() throws(PackError) {
    let (base, size) = (pack.pointee.base!, UInt64(pack.pointee.checksum_block_bytes))
    let checksums = base + Int(pack.pointee.checksums)
    for number in 0..<pack.pointee.checksum_count {
      let start = UInt64(number) * size
      let count = min(size, pack.pointee.checksums - start)
      let expected = UnsafeRawPointer(checksums).loadUnaligned(fromByteOffset: Int(number) * 4, as: UInt32.self)
      guard loam_crc32c(0, base + Int(start), Int(count)) == expected else {
        throw PackError(
          .damaged, "\(path): the bytes \(start) ..< \(start + count) do not have their checksum",
          hint: "Get the pack again, or export the version anew.")
      }
    }
  }
}

extension String {
  /// A name in the directory: not terminated, and of any bytes.
  init(packed start: UnsafePointer<CChar>?, _ bytes: UInt32) {
    self = UnsafeRawBufferPointer(start: start, count: Int(bytes)).withMemoryRebound(to: UInt8.self) {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

extension PackError {
  static func unknown(_ what: String, _ name: String, among names: [String]) -> PackError {
    PackError(
      .unknownTable, "the pack has no \(what) '\(name)'",
      hint: nearestName(to: name, among: names).map { "Did you mean \($0)?" }
        ?? "It has: \(names.joined(separator: ", "))")
  }
}
