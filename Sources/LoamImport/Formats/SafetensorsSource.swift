import LoamExport
import LoamStore

/// The rows of a tensor `[rows, dimension]` of a safetensors file. int8 rows have a scale each, or one for all, in a
/// tensor of the same name with `.scale` behind it.
final class SafetensorsSource: VectorSource {
  let format = ImportFormat.safetensors
  let type: ElementType
  private let reader: SafetensorsReader
  private let path: String
  private let tensor: SafetensorsTensor
  private let scale: SafetensorsTensor?
  private let ids: any IDFeed
  private var done = 0

  init(_ reader: SafetensorsReader, _ path: String, _ tensor: SafetensorsTensor, _ ids: any IDFeed)
    throws(ImportError)
  {
    guard let type = ElementType(tensor.type), tensor.shape.count == 2, tensor.shape[0] > 0,
      (1...ImportLimits.dimension).contains(tensor.shape[1])
    else {
      throw ImportError(
        .mismatch,
        "\(path): tensor \(tensor.name.quoted): expected vectors as real numbers [rows, dimension], found "
          + "\(tensor.type.rawValue) \(tensor.shape)")
    }
    (self.reader, self.path, self.tensor, self.ids, self.type) = (reader, path, tensor, ids, type)
    scale = type == .i8 ? reader.tensor(tensor.name + ".scale") : nil
    if let scale, ![.f32, .f16].contains(scale.type) || ![1, tensor.shape[0]].contains(scale.shape.reduce(1, *)) {
      throw ImportError(
        .mismatch,
        "\(path): \(scale.name.quoted) is \(scale.type.rawValue) \(scale.shape), expected F32 or F16 [1] or "
          + "[\(tensor.shape[0])]")
    }
  }

  var dimension: Int { tensor.shape[1] }
  var rowCount: Int? { tensor.shape[0] }
  var placeName: String { "row" }
  var feed: (any ByteFeed)? { nil }

  func next(_ batch: VectorBatch) throws(ImportError) {
    batch.clear()
    let count = min(batch.capacity, tensor.shape[0] - done)
    if count == 0 { return try ids.end(rows: done) }
    try reader.read(tensor, at: done * batch.stride, into: batch.values, count * batch.stride)
    if let scale {
      let (size, perRow) = (scale.type.size, scale.range.count > scale.type.size || tensor.shape[0] == 1)
      let bytes = try reader.bytes(of: scale, at: perRow ? done * size : 0, count: perRow ? count * size : size)
      for row in 0..<count {
        batch.scales.append(
          bytes.withUnsafeBytes { bytes in
            let place = perRow ? row * size : 0
            if size == 2 { return HalfPrecision.value(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)) }
            return Float(bitPattern: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self).littleEndian)
          })
      }
    }
    try ids.append(count, from: done, to: batch)
    batch.places += done..<done + count
    batch.count = count
    done += count
  }
}

extension SafetensorsReader {
  func read(
    _ tensor: SafetensorsTensor, at offset: Int, into room: UnsafeMutableRawBufferPointer, _ count: Int
  ) throws(ImportError) {
    do throws(ExportError) {
      try read(tensor, at: offset, into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
    } catch { throw ImportError(error) }
  }

  func bytes(of tensor: SafetensorsTensor, at offset: Int, count: Int) throws(ImportError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try span.withUnsafeMutableBytes { room throws(ImportError) in try read(tensor, at: offset, into: room, count) }
    return bytes
  }
}
