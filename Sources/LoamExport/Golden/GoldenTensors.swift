/// Tensors of a file by name, with the type and shape that they must have.
struct GoldenTensors {
  private let reader: SafetensorsReader

  init(_ reader: SafetensorsReader) { self.reader = reader }

  func has(_ name: String) -> Bool { reader.tensor(name) != nil }

  /// - Parameter shape: `nil`: any of one axis.
  func elements<Element: BitwiseCopyable>(_ name: String, _ type: SafetensorsType, _ shape: [Int]?) throws(ExportError)
    -> [Element]
  {
    guard let tensor = reader.tensor(name) else { throw ExportError(.damaged, "the tensor \(name) is missing") }
    guard tensor.type == type, shape.map({ $0 == tensor.shape }) ?? (tensor.shape.count == 1) else {
      throw ExportError(
        .damaged, "\(name) is \(tensor.type.rawValue) \(tensor.shape), expected \(type.rawValue) \(shape ?? [])")
    }
    var elements: [Element] = []
    elements.reserveCapacity(tensor.shape.reduce(1, *))
    try reader.forEachPiece(of: tensor) { (_, bytes) throws(ExportError) in
      elements.append(contentsOf: bytes.bindMemory(to: Element.self))
    }
    return elements
  }
}
