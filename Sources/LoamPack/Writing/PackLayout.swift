import LoamKernels

/// Where everything lies in a file.
///
/// ```
///   header │ directory │ index, columns of table 0 │ ... │ tensors │ blobs │ checksums
/// ```
struct PackLayout {
  /// Tables begin on pages, so that lines and rows of 2^n bytes cross none.
  private static let alignment = 4_096
  static let checksumBlockBytes = 1 << 20

  struct Table {
    var index = 0
    var buckets = 0
    var lines = 0
    var columns: [Int] = []
  }
  private(set) var tables: [Table] = []
  private(set) var tensors: [Int] = []
  private(set) var blobs: [Int] = []
  let checksums: Int
  let checksumCount: Int

  init(_ content: PackContent) {
    let columns = content.tables.reduce(0) { $0 + $1.columns.count }
    let entries = content.tables.count + columns + content.tensors.count + content.blobs.count
    var end = (1 + entries) * 64 + Self.nameBytes(content)
    func place(_ bytes: Int, _ alignment: Int) -> Int {
      let start = (end + alignment - 1) / alignment * alignment
      end = start + bytes
      return start
    }
    for table in content.tables {
      let buckets = PackIndex.buckets(rows: table.rows)
      let lines = buckets + PackIndex.reachMax
      let index = place(lines * PackIndex.lineBytes, Self.alignment)
      let columns = table.columns.map { place(table.rows * $0.type.stride(width: $0.width), Self.alignment) }
      tables.append(Table(index: index, buckets: buckets, lines: lines, columns: columns))
    }
    for tensor in content.tensors { tensors.append(place(tensor.count * 4, 64)) }
    for blob in content.blobs { blobs.append(place(blob.bytes.count, 64)) }
    checksums = place(0, 64)
    checksumCount = (checksums + Self.checksumBlockBytes - 1) / Self.checksumBlockBytes
  }

  var fileBytes: Int { checksums + 4 * checksumCount }

  private static func nameBytes(_ content: PackContent) -> Int {
    content.tables.reduce(0) { $0 + $1.name.utf8.count + $1.columns.reduce(0) { $0 + $1.name.utf8.count } }
      + content.tensors.reduce(0) { $0 + $1.name.utf8.count } + content.blobs.reduce(0) { $0 + $1.name.utf8.count }
  }

  /// Header and directory.
  ///
  /// - Parameter written: what the writers of the tables' indices found out.
  func encoded(_ content: PackContent, _ written: [PackIndex.Written]) -> [UInt8] {
    var entries: [UInt8] = []
    var names: [UInt8] = []
    func entry(_ name: String, _ fields: (inout [UInt8]) -> Void) {
      let start = entries.count
      entries.append(little: UInt32(names.count))
      entries.append(little: UInt32(name.utf8.count))
      names.append(contentsOf: name.utf8)
      fields(&entries)
      entries.append(contentsOf: repeatElement(0, count: start + 64 - entries.count))
    }
    var firstColumn = 0
    for (number, table) in content.tables.enumerated() {
      entry(table.name) { entry in
        entry.append(little: UInt32(table.rows))
        entry.append(little: UInt32(written[number].reach))
        entry.append(little: UInt64(tables[number].index))
        entry.append(little: written[number].seed)
        entry.append(little: UInt32(tables[number].buckets))
        entry.append(little: UInt32(tables[number].lines))
        entry.append(little: UInt32(firstColumn))
        entry.append(little: UInt32(table.columns.count))
        entry.append(little: written[number].missing ?? .max)
        entry.append(little: written[number].unknown ?? .max)
      }
      firstColumn += table.columns.count
    }
    for (table, place) in zip(content.tables, tables) {
      for (column, offset) in zip(table.columns, place.columns) {
        entry(column.name) { entry in
          entry.append(little: column.type.rawValue)
          entry.append(little: UInt32(column.width))
          entry.append(little: UInt32(column.type.stride(width: column.width)))
          entry.append(little: UInt32(0))
          entry.append(little: UInt64(offset))
        }
      }
    }
    for (tensor, offset) in zip(content.tensors, tensors) {
      entry(tensor.name) { entry in
        entry.append(little: UInt32(tensor.shape.count))
        entry.append(little: UInt32(0))
        entry.append(little: UInt64(offset))
        for size in tensor.shape { entry.append(little: UInt64(size)) }
      }
    }
    for (blob, offset) in zip(content.blobs, blobs) {
      entry(blob.name) { entry in
        entry.append(little: UInt64(offset))
        entry.append(little: UInt64(blob.bytes.count))
      }
    }
    var tail: [UInt8] = []
    tail.append(little: UInt64(fileBytes))
    tail.append(little: UInt32(entries.count + names.count))
    for count in [content.tables.count, firstColumn, content.tensors.count, content.blobs.count, names.count] {
      tail.append(little: UInt32(count))
    }
    tail.append(little: UInt64(checksums))
    tail.append(little: UInt32(Self.checksumBlockBytes))
    tail.append(little: UInt32(checksumCount))
    tail += entries + names
    var header = Array("LOAMPACK".utf8)
    header.append(little: UInt32(loam_pack_version))
    header.append(little: loam_crc32c(0, tail, tail.count))
    return header + tail
  }
}

extension [UInt8] {
  mutating func append(little value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
