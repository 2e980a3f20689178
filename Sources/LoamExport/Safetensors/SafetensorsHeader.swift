/// The header of a safetensors file: names, types, shapes and places of its tensors.
///
/// ```
///   8 bytes   N, little-endian            N <= 100,000,000
///   N bytes   JSON, UTF-8, begins with {  spaces at its end up to a multiple of 8
///   the rest  content of the tensors      no holes, no overlaps, nothing after the last
/// ```
public struct SafetensorsHeader: Sendable, Equatable {
  /// The longest header that the format allows.
  public static let bytesMax = 100_000_000
  public static let dimensionsMax = 64
  static let metadataKey = "__metadata__"

  /// In the order of their content.
  public var tensors: [SafetensorsTensor]
  public var metadata: [String: String]

  /// Bytes of content after the header.
  public var contentBytes: Int { tensors.last?.range.upperBound ?? 0 }

  /// Lays tensors out as the reference writer does: wide elements first, then by name.
  public init(laying tensors: [SafetensorsTensor], metadata: [String: String] = [:]) {
    let sorted = tensors.sorted { a, b in
      a.type.rank != b.type.rank
        ? a.type.rank > b.type.rank : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    precondition(Set(sorted.map { Array($0.name.utf8) }).count == sorted.count, "two tensors of one name")
    precondition(!sorted.contains { $0.isNamed(Self.metadataKey) }, "\(Self.metadataKey) is no tensor")
    var position = 0
    self.tensors = sorted.map { tensor in
      guard let bytes = tensor.byteCount else { preconditionFailure("\(tensor.name): shape overflows") }
      defer { position += bytes }
      return SafetensorsTensor(tensor.name, tensor.type, shape: tensor.shape, range: position..<(position + bytes))
    }
    self.metadata = metadata
  }

  init(tensors: [SafetensorsTensor], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}
