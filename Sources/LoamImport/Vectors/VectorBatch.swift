import LoamSchema

/// Some rows of a file, with the IDs that they belong to.
final class VectorBatch {
  let capacity: Int
  /// Bytes of a row as the file has it.
  let stride: Int
  /// `[capacity, stride]`.
  let values: UnsafeMutableRawBufferPointer
  var count = 0
  var ids: [ID] = []
  /// One a row, where i8 has scales.
  var scales: [Float] = []
  /// Line, or number of the row from 0.
  var places: [Int] = []
  /// The strings of the IDs, one after the other; an empty one is none.
  var strings: [UInt8] = []
  var stringEnds: [Int] = []

  init(stride: Int) {
    self.stride = stride
    capacity = max(1, min(ImportLimits.batchRows, ImportLimits.batchBytes / stride))
    values = .allocate(byteCount: capacity * stride, alignment: 64)
  }

  deinit { values.deallocate() }

  func clear() {
    count = 0
    ids.removeAll(keepingCapacity: true)
    scales.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    strings.removeAll(keepingCapacity: true)
    stringEnds.removeAll(keepingCapacity: true)
  }

  func row(_ index: Int) -> UnsafeMutableRawPointer { values.baseAddress! + index * stride }
  func scale(_ index: Int) -> Float { scales.isEmpty ? 1 : scales[index] }

  func append(_ id: ImportedID) {
    ids.append(id.id)
    if !id.string.isEmpty { strings += id.string }
    stringEnds.append(strings.count)
  }

  func stringRange(_ index: Int) -> Range<Int> { (index == 0 ? 0 : stringEnds[index - 1])..<stringEnds[index] }

  /// The ID as a person wrote it.
  func text(_ index: Int) -> String {
    let range = stringRange(index)
    switch ids[index] {
    case .missing: return ":missing"
    case .unknown: return ":unknown"
    default: return range.isEmpty ? "\(ids[index])" : String(decoding: strings[range], as: UTF8.self).quoted
    }
  }
}
