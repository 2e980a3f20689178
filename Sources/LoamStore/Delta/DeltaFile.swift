import FoundationEssentials
import Glibc
import Zstd

/// The changes of one table in a file.
///
/// ```
///   magic u64
///   content bytes u64, stored bytes u64, zstd frame        one for each change
/// ```
enum DeltaFile {
  static let magic: UInt64 = 0x3154_4C44_4D41_4F4C  // "LOAMDLT1"
  /// A bound for allocations, checked before any.
  static let contentBytesMax: UInt64 = 1 << 32
  static let level: Int32 = 9

  /// Hands over the changes of a file whose digest was compared.
  static func forEachChange(_ path: String, _ body: (TableChange) throws(StoreError) -> Void) throws(StoreError) {
    let file = try mapped(path)
    var result: Result<Void, StoreError> = .success(())
    file.withUnsafeBytes { bytes in
      do throws(StoreError) { try forEachChange(bytes, path, body) } catch { result = .failure(error) }
    }
    try result.get()
  }

  private static func forEachChange(
    _ bytes: UnsafeRawBufferPointer, _ path: String, _ body: (TableChange) throws(StoreError) -> Void
  ) throws(StoreError) {
    func damaged(_ what: String) -> StoreError { StoreError(.badBlock, "\(path): \(what)", hint: Delta.copyAgain) }
    guard bytes.count >= 8, bytes.loadUnaligned(as: UInt64.self) == magic else { throw damaged("no file of a delta") }
    var at = 8
    while at < bytes.count {
      guard bytes.count - at >= 16 else { throw damaged("a piece cut off at byte \(at)") }
      let content = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      let stored = bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
      at += 16
      guard content <= contentBytesMax, stored <= UInt64(bytes.count - at) else {
        throw damaged("a piece of \(content) bytes in \(stored) at byte \(at)")
      }
      let frame = UnsafeRawBufferPointer(rebasing: bytes[at..<at + Int(stored)])
      let decoded: [UInt8]
      do { decoded = try Zstd.decompress(frame, expectedSize: Int(content)) } catch {
        throw damaged("at byte \(at): \(error)")
      }
      try body(try TableChange(decoded, place: "\(path) at byte \(at)"))
      at += Int(stored)
    }
  }

  /// The bytes and the digest of a file.
  static func digest(_ path: String) throws(StoreError) -> (bytes: Int, sha256: String) {
    let file = try mapped(path)
    return (file.count, file.withUnsafeBytes { ContentDigest.text(of: $0) })
  }

  static func mapped(_ path: String) throws(StoreError) -> Data {
    guard access(path, R_OK) == 0 else {
      throw StoreError(.missing, "the delta has no file \(path)", hint: Delta.copyAgain)
    }
    do { return try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) } catch {
      throw StoreError(.io, "cannot read \(path): \(error)")
    }
  }
}

/// Writes the changes of one table.
final class DeltaFileWriter {
  private let path: String
  private let descriptor: Int32
  private var digest = ContentDigest()
  private(set) var bytes = 0

  init(_ path: String) throws(StoreError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DurableFile.failure("create", path) }
    try append(withUnsafeBytes(of: DeltaFile.magic.littleEndian) { [UInt8]($0) })
  }

  deinit { close(descriptor) }

  func append(_ change: TableChange) throws(StoreError) {
    let content = change.encoded
    guard UInt64(content.count) <= DeltaFile.contentBytesMax else {
      throw StoreError(.tooLarge, "\(path): one change of \(content.count) bytes")
    }
    let stored = content.withUnsafeBytes { Zstd.compress($0, level: DeltaFile.level) }
    var head = ByteWriter()
    head.append(UInt64(content.count))
    head.append(UInt64(stored.count))
    try append(head.bytes)
    try append(stored)
  }

  private func append(_ content: [UInt8]) throws(StoreError) {
    content.withUnsafeBytes { digest.update($0) }
    var written = 0
    while written < content.count {
      let count = content.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, content.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw DurableFile.failure("write", path) }
      written += count
    }
    bytes += content.count
  }

  /// Waits for the disk. Returns the digest of what was written.
  func finish() throws(StoreError) -> String {
    guard fsync(descriptor) == 0 else { throw DurableFile.failure("sync", path) }
    return digest.finish()
  }
}
