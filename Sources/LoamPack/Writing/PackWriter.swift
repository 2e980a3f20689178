import Crypto
import Foundation
import LoamKernels
import LoamSchema

/// Writes `model.pack`.
///
/// Of each table first the IDs, ascending by `PackIndex.hash`, then the rows of every column in the same order; both in
/// pieces of any size. Memory is a few buffers, whatever the size of the pack.
///
/// ```swift
/// var writer = try PackWriter(at: path, content)
/// try writer.append(ids, to: 0)
/// try writer.append(rows, to: 0, column: 0)
/// try writer.append(weights, toTensor: 0)
/// let digest = try writer.finish()
/// ```
public struct PackWriter: ~Copyable {
  /// Rows are numbered by u32, and the highest number says that there is none.
  public static let rowsMax = Int(UInt32.max) - 1

  private let path: String
  private let descriptor: Int32
  private let content: PackContent
  private let layout: PackLayout
  private var indices: [PackIndex]
  private let indexRegions: [PackRegion]
  private let columnRegions: [[PackRegion]]

  /// - Parameter seeds: of each table's index.
  /// - Throws: `pack.disk-full`, `pack.io`; a path that is taken too.
  public init(at path: String, _ content: PackContent, seeds: [UInt64]? = nil) throws(PackError) {
    precondition(content.tables.allSatisfy { (0...Self.rowsMax).contains($0.rows) }, "a table has too many rows")
    precondition(content.tensors.allSatisfy { $0.shape.count <= loam_pack_rank_max }, "at most four axes")
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    if descriptor < 0 { throw .system("cannot create", path) }
    let (layout, descriptor) = (PackLayout(content), descriptor)
    (self.path, self.content, self.layout) = (path, content, layout)
    indices = content.tables.enumerated().map { PackIndex(rows: $1.rows, seed: seeds?[$0] ?? 0) }
    indexRegions = layout.tables.map {
      PackRegion(descriptor, path, at: $0.index, bytes: $0.lines * PackIndex.lineBytes)
    }
    columnRegions = zip(content.tables, layout.tables).map { table, place in
      zip(table.columns, place.columns).map { column, offset in
        PackRegion(descriptor, path, at: offset, bytes: table.rows * column.type.stride(width: column.width))
      }
    }
  }

  deinit { close(descriptor) }

  /// - Throws: `pack.crowded`: begin anew with the next seed.
  public mutating func append(_ ids: UnsafeBufferPointer<ID>, to table: Int) throws(PackError) {
    let region = indexRegions[table]
    for id in ids {
      try indices[table].append(id) { line throws(PackError) in try region.append(line) }
    }
  }

  /// Rows as they are stored: `[rows, stride]`.
  public mutating func append(_ rows: UnsafeRawBufferPointer, to table: Int, column: Int) throws(PackError) {
    try columnRegions[table][column].append(rows)
  }

  public mutating func append(_ values: [Float], toTensor tensor: Int) throws(PackError) {
    precondition(values.count == content.tensors[tensor].count, "the elements of the tensor's shape")
    let region = PackRegion(descriptor, path, at: layout.tensors[tensor], bytes: values.count * 4)
    try values.span.bytes.withUnsafeBytes { bytes throws(PackError) in try region.append(bytes) }
    try region.finish()
  }

  /// Makes the file durable. Traps where rows are missing.
  public consuming func finish() throws(PackError) -> (bytes: Int, sha256: String) {
    for table in content.tables.indices {
      let region = indexRegions[table]
      try indices[table].finish { line throws(PackError) in try region.append(line) }
      try region.finish()
      for column in columnRegions[table] { try column.finish() }
    }
    for (blob, offset) in zip(content.blobs, layout.blobs) { try write(blob.bytes, at: offset) }
    try write(layout.encoded(content, indices.map(\.written)), at: 0)
    // What was skipped for alignment is zeros.
    guard ftruncate(descriptor, off_t(layout.checksums)) == 0 else { throw .system("cannot write", path) }
    let digest = try seal()
    if fsync(descriptor) != 0 { throw .system("cannot sync", path) }
    return (layout.fileBytes, digest)
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(PackError) {
    let region = PackRegion(descriptor, path, at: offset, bytes: bytes.count)
    try region.append(bytes)
    try region.finish()
  }

  /// Reads the file once, for its checksums and its digest.
  private func seal() throws(PackError) -> String {
    var hash = SHA256()
    var checksums: [UInt8] = []
    try PackFile.forEachPiece(of: path, pieceBytes: PackLayout.checksumBlockBytes) { piece throws(PackError) in
      hash.update(bufferPointer: piece)
      checksums.append(little: loam_crc32c(0, piece.baseAddress, piece.count))
    }
    precondition(checksums.count == 4 * layout.checksumCount, "\(path) was changed while it was written")
    try write(checksums, at: layout.checksums)
    checksums.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().hexadecimal
  }
}
