import Foundation

/// An initialiser: in the graph's file, or in one beside it.
struct GraphTensor {
  enum Place {
    case inside(Data)
    case outside(file: String, offset: Int)
  }
  typealias Append = (UnsafeRawBufferPointer) throws(ExportError) -> Void

  let name: String
  let element: GraphBuilder.Element
  let shape: [Int]
  let place: Place

  var byteCount: Int { shape.reduce(element.size, *) }

  /// - Parameter fill: hands the content over from front to back.
  init(
    _ name: String, _ element: GraphBuilder.Element, _ shape: [Int], in file: ExternalFile?,
    _ fill: (Append) throws(ExportError) -> Void
  ) throws(ExportError) {
    (self.name, self.element, self.shape) = (name, element, shape)
    if let file {
      place = .outside(file: file.name, offset: try file.align())
      try fill { (bytes) throws(ExportError) in try file.append(bytes) }
    } else {
      var data = Data(capacity: shape.reduce(element.size, *))
      try fill { (bytes) throws(ExportError) in data.append(contentsOf: bytes) }
      place = .inside(data)
    }
  }
}

/// The file of initialisers beside a graph. Each begins at a page, so that readers can map it.
final class ExternalFile {
  private static let alignment = 4_096
  let name: String
  private var file: OutputFile?
  private var byteCount = 0

  init(_ name: String, _ file: consuming OutputFile) {
    self.name = name
    self.file = consume file
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(ExportError) {
    try file!.append(bytes)
    byteCount += bytes.count
  }

  /// Answers where the next byte will stand.
  func align() throws(ExportError) -> Int {
    let rest = byteCount % Self.alignment
    if rest > 0 {
      let zeros = [UInt8](repeating: 0, count: Self.alignment - rest)
      try zeros.span.bytes.withUnsafeBytes { (bytes) throws(ExportError) in try append(bytes) }
    }
    return byteCount
  }

  func finish() throws(ExportError) -> FileDigest { try file.take()!.finish() }
}
