/// Writes a safetensors file from front to back, without holding its content.
///
/// The shapes are given first, the content then comes in the order of `tensors`, in pieces of any size. The bytes are
/// those that the reference writer makes of the same tensors.
///
/// ```
///   var writer = try SafetensorsWriter(at: path, tensors: [.init("ids", .u64, shape: [2])])
///   try writer.append(ids.span.bytes, to: "ids")
///   let digest = try writer.finish()
/// ```
public struct SafetensorsWriter: ~Copyable {
  /// In the order in which their content must come.
  public let tensors: [SafetensorsTensor]
  private var file: OutputFile
  private var index = 0
  private var written = 0

  /// - Throws: `export.exists` where the path is taken; `export.disk-full`; `export.io`.
  public init(at path: String, tensors: [SafetensorsTensor], metadata: [String: String] = [:]) throws(ExportError) {
    let header = SafetensorsHeader(laying: tensors, metadata: metadata)
    var file = try OutputFile(creating: path)
    try file.append(header.encoded())
    self.file = file
    self.tensors = header.tensors
    skipFull()
  }

  private mutating func skipFull() {
    while index < tensors.count && written == tensors[index].range.count {
      index += 1
      written = 0
    }
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer, to name: String) throws(ExportError) {
    if bytes.isEmpty { return }
    precondition(index < tensors.count && tensors[index].isNamed(name), "\(name) is not the tensor whose turn it is")
    precondition(bytes.count <= tensors[index].range.count - written, "\(name): more content than its shape has")
    try file.append(bytes)
    written += bytes.count
    skipFull()
  }

  public mutating func append(_ bytes: RawSpan, to name: String) throws(ExportError) {
    try bytes.withUnsafeBytes { bytes throws(ExportError) in try append(bytes, to: name) }
  }

  /// Makes the file durable. Traps where content is missing: the file would be refused by every reader.
  public consuming func finish() throws(ExportError) -> FileDigest {
    precondition(index == tensors.count, "\(tensors[index].name): content is missing")
    return try file.finish()
  }
}
