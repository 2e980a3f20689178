import LoamExport
import LoamKernels
import LoamSchema

/// The IDs in a safetensors file: a tensor of whole numbers, and the strings of an export's dictionary.
final class TensorIDs: IDFeed {
  private let parser: IDParser
  private let reader: SafetensorsReader
  private let path: String
  private let ids: SafetensorsTensor
  private let dictionary: (bytes: SafetensorsTensor, offsets: SafetensorsTensor)?
  /// Written by an export, which says what its reserved rows are.
  private let isExport: Bool

  init(_ parser: IDParser, _ reader: SafetensorsReader, _ path: String, _ ids: SafetensorsTensor, rows: Int)
    throws(ImportError)
  {
    (self.parser, self.reader, self.path, self.ids) = (parser, reader, path, ids)
    guard [.u64, .i64, .u32, .i32].contains(ids.type), ids.shape == [rows] else {
      throw ImportError(
        .mismatch, "\(path): \(ids.name.quoted) is \(ids.type.rawValue) \(ids.shape), expected whole numbers [\(rows)]")
    }
    isExport = reader.header.metadata["loam.space"] != nil
    let (bytes, offsets) = (reader.tensor("dictionary.bytes"), reader.tensor("dictionary.offsets"))
    if let bytes, let offsets {
      guard bytes.type == .u8, bytes.shape.count == 1, offsets.type == .i64, offsets.shape == [rows + 1] else {
        throw ImportError(.mismatch, "\(path): dictionary.bytes and dictionary.offsets do not fit \(rows) rows")
      }
      dictionary = (bytes, offsets)
    } else {
      dictionary = nil
    }
    guard (dictionary != nil || isExport) == (parser.kind == .string) || parser.kind == .integer && dictionary == nil
    else {
      throw ImportError(
        .mismatch,
        "\(path): its IDs are \(dictionary == nil ? "numbers" : "strings"), those of the space \(parser.space) are "
          + (parser.kind == .string ? "strings" : "numbers"), hint: "Import into a space of the other kind.")
    }
  }

  func append(_ count: Int, from first: Int, to batch: VectorBatch) throws(ImportError) {
    let size = ids.type.size
    let numbers = try reader.bytes(of: ids, at: first * size, count: count * size)
    let strings = try dictionary.map { (dictionary) throws(ImportError) in
      try texts(dictionary.bytes, dictionary.offsets, first, count)
    }
    for row in 0..<count {
      // Text only where something is refused.
      func place() -> String { "\(path): row \(first + row)" }
      let number = try value(numbers, row, place())
      guard let text = strings?[row], !text.isEmpty else {
        if parser.kind == .string, isExport {
          // A row whose string ingest never saw: the number is what it would be the hash of.
          batch.append(ImportedID(id: number))
        } else {
          batch.append(try parser.id(number, allowsReserved: isExport, place()))
        }
        continue
      }
      let parser = parser
      let id = try text.withUnsafeBytes { bytes -> Result<ImportedID, ImportError> in
        do throws(ImportError) { return .success(try parser.id(bytes, place())) } catch { return .failure(error) }
      }.get()
      guard id.id == number || !isExport else {
        throw ImportError(
          .badID, "\(place()): \(String(decoding: text, as: UTF8.self).quoted) does not hash to \(number)")
      }
      batch.append(id)
    }
  }

  private func value(_ numbers: [UInt8], _ row: Int, _ place: @autoclosure () -> String) throws(ImportError) -> UInt64 {
    if ids.type == .u64 {
      return numbers.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: row * 8, as: UInt64.self).littleEndian }
    }
    let value: Int128 = numbers.withUnsafeBytes { bytes in
      switch ids.type {
      case .i64: Int128(bytes.loadUnaligned(fromByteOffset: row * 8, as: Int64.self).littleEndian)
      case .u32: Int128(bytes.loadUnaligned(fromByteOffset: row * 4, as: UInt32.self).littleEndian)
      default: Int128(bytes.loadUnaligned(fromByteOffset: row * 4, as: Int32.self).littleEndian)
      }
    }
    guard let number = UInt64(exactly: value) else {
      throw ImportError(.badID, "\(place()): \(value) is no ID: IDs are numbers from 0")
    }
    return number
  }

  /// The strings of some rows; offsets that fall or leave the bytes are refused before any is used.
  private func texts(_ bytes: SafetensorsTensor, _ offsets: SafetensorsTensor, _ first: Int, _ count: Int)
    throws(ImportError) -> [ArraySlice<UInt8>]
  {
    let raw = try reader.bytes(of: offsets, at: first * 8, count: (count + 1) * 8)
    let ends = raw.withUnsafeBytes { raw in
      (0...count).map { raw.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self).littleEndian }
    }
    for row in 0..<count {
      guard ends[row] >= 0, ends[row] <= ends[row + 1], ends[row + 1] - ends[row] <= Int64(ImportLimits.stringBytes)
      else {
        throw ImportError(.malformed, "\(path): dictionary.offsets fall, or jump, at row \(first + row)")
      }
    }
    guard first > 0 || ends[0] == 0, ends[count] <= Int64(bytes.range.count) else {
      throw ImportError(.malformed, "\(path): dictionary.offsets lead out of dictionary.bytes")
    }
    let begin = Int(ends[0])
    let text = try reader.bytes(of: bytes, at: begin, count: Int(ends[count]) - begin)
    return (0..<count).map { text[(Int(ends[$0]) - begin)..<(Int(ends[$0 + 1]) - begin)] }
  }

  func end(rows: Int) throws(ImportError) {
    guard let dictionary else { return }
    let raw = try reader.bytes(of: dictionary.offsets, at: rows * 8, count: 8)
    let end = raw.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
    guard end == Int64(dictionary.bytes.range.count) else {
      throw ImportError(.malformed, "\(path): dictionary.offsets do not span dictionary.bytes")
    }
  }
}
