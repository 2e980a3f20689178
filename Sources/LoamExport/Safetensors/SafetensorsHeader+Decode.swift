extension SafetensorsHeader {
  /// Reads a header whole, before anything of the content is touched.
  ///
  /// - Parameters:
  ///   - json: The bytes after the length.
  ///   - contentBytes: What the file holds after them.
  /// - Throws: `export.malformed`: not UTF-8 or not JSON of the format, keys twice, types unknown, shapes that
  ///   overflow or differ from their range, holes, overlaps, content missing or left over. Get the file again.
  public init(decoding json: [UInt8], contentBytes: Int) throws(ExportError) {
    guard json.first == UInt8(ascii: "{") else {
      throw ExportError(.malformed, "safetensors header does not begin with {")
    }
    guard String(validating: json, as: UTF8.self) != nil else {
      throw ExportError(.malformed, "safetensors header is not UTF-8")
    }
    var tensors: [SafetensorsTensor] = []
    var metadata: [String: String] = [:]
    var scanner = HeaderScanner(json)
    try scanner.object { (key, scanner) throws(ExportError) in
      if key == Self.metadataKey {
        try scanner.object { (key, scanner) throws(ExportError) in metadata[key] = try scanner.string() }
      } else {
        tensors.append(try Self.tensor(named: key, &scanner))
      }
    }
    try scanner.expectEnd()
    self.init(tensors: try Self.contiguous(tensors, contentBytes: contentBytes), metadata: metadata)
  }

  private static func tensor(named name: String, _ scanner: inout HeaderScanner) throws(ExportError)
    -> SafetensorsTensor
  {
    var type: SafetensorsType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (key, scanner) throws(ExportError) in
      switch key {
      case "dtype":
        let text = try scanner.string()
        type = SafetensorsType(rawValue: text)
        if type == nil { throw scanner.refusal("tensor \(name.quoted) has the unknown dtype \(text.quoted)") }
      case "shape": shape = try scanner.numbers(countMax: dimensionsMax)
      case "data_offsets": offsets = try scanner.numbers(countMax: 2)
      default: throw scanner.refusal("tensor \(name.quoted) has the unknown key \(key.quoted)")
      }
    }
    guard let type, let shape, let offsets else {
      throw scanner.refusal("tensor \(name.quoted) lacks dtype, shape or data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw scanner.refusal("tensor \(name.quoted): data_offsets \(offsets) are no range")
    }
    let tensor = SafetensorsTensor(name, type, shape: shape, range: offsets[0]..<offsets[1])
    guard let bytes = tensor.byteCount else {
      throw scanner.refusal("tensor \(name.quoted): shape \(shape) of \(type.rawValue) overflows")
    }
    guard bytes == tensor.range.count else {
      throw scanner.refusal(
        "tensor \(name.quoted): shape \(shape) of \(type.rawValue) takes \(bytes) bytes, data_offsets give "
          + "\(tensor.range.count)")
    }
    return tensor
  }

  private static func contiguous(_ tensors: [SafetensorsTensor], contentBytes: Int) throws(ExportError)
    -> [SafetensorsTensor]
  {
    let sorted = tensors.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for tensor in sorted {
      guard tensor.range.lowerBound == end else {
        let what = tensor.range.lowerBound < end ? "overlaps the one before it" : "leaves a hole before it"
        throw ExportError(
          .malformed,
          "safetensors: tensor \(tensor.name.quoted) at \(tensor.range.lowerBound) \(what), which ends at \(end)")
      }
      end = tensor.range.upperBound
    }
    guard end == contentBytes else {
      throw ExportError(
        .malformed, "safetensors: the tensors take \(end) bytes, the file holds \(contentBytes) after its header")
    }
    return sorted
  }
}
