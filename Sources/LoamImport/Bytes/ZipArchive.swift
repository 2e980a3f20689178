import Foundation
import LoamExport

/// The entries of a zip archive, as NumPy writes them: stored or deflated, in one file, not encrypted.
///
/// ```
///   local header, content   local header, content ...   central directory   [zip64 end, its locator]   end, comment
/// ```
///
/// The central directory is what counts; a local header that says otherwise is refused, and so are entries that share
/// bytes, which is how small archives unpack to much.
struct ZipArchive {
  struct Entry {
    var name: String
    var isDeflated: Bool
    var crc: UInt32
    var packedBytes: Int
    var bytes: Int
    /// Of the local header.
    var offset: Int
    /// Of the content. Given by the local header.
    var contentOffset = 0
  }
  let path: String
  private(set) var entries: [Entry] = []

  init(_ path: String) throws(ImportError) {
    self.path = path
    let file = try Self.open(path)
    let end = try Self.end(of: file, path)
    var directory = [UInt8](repeating: 0, count: end.directoryBytes)
    try Self.read(file, at: end.directoryOffset, into: &directory)
    var cursor = ZipCursor(directory, path)
    for _ in 0..<end.entries { entries.append(try cursor.entry()) }
    guard cursor.isAtEnd else { throw cursor.refusal("more than its \(end.entries) entries") }
    var names: Set<String> = []
    for entry in entries where !names.insert(entry.name).inserted {
      throw ImportError(.malformed, "\(path): the entry \(entry.name.quoted) stands twice")
    }
    for index in entries.indices { try settle(index, file) }
    try requireApart(before: end.directoryOffset)
  }

  static func open(_ path: String) throws(ImportError) -> InputFile {
    do throws(ExportError) { return try InputFile(path) } catch { throw ImportError(error) }
  }

  private static func read(_ file: borrowing InputFile, at offset: Int, into bytes: inout [UInt8]) throws(ImportError) {
    do throws(ExportError) { try file.read(at: offset, into: &bytes) } catch { throw ImportError(error) }
  }

  private typealias End = (entries: Int, directoryOffset: Int, directoryBytes: Int)

  private static func end(of file: borrowing InputFile, _ path: String) throws(ImportError) -> End {
    var tail = [UInt8](repeating: 0, count: min(file.byteCount, 22 + 65_535))
    let tailOffset = file.byteCount - tail.count
    try read(file, at: tailOffset, into: &tail)
    let found = stride(from: tail.count - 22, through: 0, by: -1).first { start in
      tail[start...].starts(with: [0x50, 0x4B, 5, 6])
        && Int(tail[start + 20]) | Int(tail[start + 21]) << 8
          == tail.count - start - 22
    }
    guard let found else {
      throw ImportError(.malformed, "\(path): a zip archive without its end: it is truncated", hint: "Get it again.")
    }
    var cursor = ZipCursor(Array(tail[(found + 4)...]), path)
    let disks = (cursor.u16(), cursor.u16())
    var entries = (Int(cursor.u16()), Int(cursor.u16()))
    var (bytes, offset) = (Int(cursor.u32()), Int(cursor.u32()))
    var directoryEnd = tailOffset + found
    if entries.1 == 0xFFFF || bytes == 0xFFFF_FFFF || offset == 0xFFFF_FFFF, found >= 20,
      tail[(found - 20)...].starts(with: [0x50, 0x4B, 6, 7])
    {
      var locator = ZipCursor(Array(tail[(found - 12)..<found]), path)
      directoryEnd = try locator.offset()
      guard directoryEnd <= file.byteCount - 56 - 20 - 22 else { throw locator.refusal("a zip64 end beyond the file") }
      var record = [UInt8](repeating: 0, count: 56)
      try read(file, at: directoryEnd, into: &record)
      guard record.starts(with: [0x50, 0x4B, 6, 6]) else { throw locator.refusal("no zip64 end where it should be") }
      var end64 = ZipCursor(Array(record[24...]), path)
      entries = (try end64.offset(), try end64.offset())
      (bytes, offset) = (try end64.offset(), try end64.offset())
    }
    guard disks.0 == 0, disks.1 == 0, entries.0 == entries.1 else {
      throw ImportError(.unsupported, "\(path): an archive of several files")
    }
    let (sum, overflow) = offset.addingReportingOverflow(bytes)
    guard !overflow, sum == directoryEnd else {
      throw ImportError(.malformed, "\(path): the zip directory is not where the archive's end says")
    }
    guard entries.1 <= ImportLimits.zipEntries, bytes <= ImportLimits.zipDirectoryBytes else {
      throw ImportError(
        .malformed,
        "\(path): \(entries.1) entries, \(bytes) bytes of zip directory; at most "
          + "\(ImportLimits.zipEntries) and \(ImportLimits.zipDirectoryBytes) are read")
    }
    return (entries.1, offset, bytes)
  }

  /// Finds the content behind the local header, which must agree with the directory.
  private mutating func settle(_ index: Int, _ file: borrowing InputFile) throws(ImportError) {
    let entry = entries[index]
    let name = Array(entry.name.utf8)
    func refusal(_ what: String) -> ImportError {
      ImportError(.malformed, "\(path): entry \(entry.name.quoted): \(what)")
    }
    guard entry.offset <= file.byteCount - 30 - name.count else { throw refusal("begins beyond the file") }
    var header = [UInt8](repeating: 0, count: 30 + name.count)
    try Self.read(file, at: entry.offset, into: &header)
    guard header.starts(with: [0x50, 0x4B, 3, 4]) else { throw refusal("no local header where it should be") }
    func u16(_ at: Int) -> Int { Int(header[at]) | Int(header[at + 1]) << 8 }
    guard u16(26) == name.count, Array(header[30...]) == name, u16(8) == (entry.isDeflated ? 8 : 0) else {
      throw refusal("its local header says otherwise than the directory")
    }
    let content = entry.offset + 30 + name.count + u16(28)
    guard content <= file.byteCount, entry.packedBytes <= file.byteCount - content else {
      throw refusal("\(entry.packedBytes) bytes reach beyond the file")
    }
    entries[index].contentOffset = content
  }

  private func requireApart(before directory: Int) throws(ImportError) {
    var end = 0
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      guard entry.offset >= end else {
        throw ImportError(.malformed, "\(path): entry \(entry.name.quoted) overlaps the one before it")
      }
      end = entry.contentOffset + entry.packedBytes
    }
    guard end <= directory else { throw ImportError(.malformed, "\(path): an entry overlaps the zip directory") }
  }
}
