import Foundation
import LoamSchema
import LoamStore

/// The blobs of `model:NAME` at one version.
///
/// ```
///   config           the effective config, YAML
///   definition       ModelDefinition, JSON
///   tensors          names and shapes, JSON
///   tensor/NAME      f32, little-endian
///   code             what trained it, `loam 0.1.0`; absent in versions of older ones
///   decay/SPACE      f64: sum of ln(share kept) of the table
///   position, ...    the trainer's own
/// ```
public struct ModelBlobs: Sendable {
  /// A dense tensor's name and shape.
  public struct TensorEntry: Sendable, Equatable, Codable {
    public var name: String
    public var shape: [Int]
    public init(name: String, shape: [Int]) {
      self.name = name
      self.shape = shape
    }
  }
  public let name: TableName
  private let reader: BlobReader

  /// `nil`: this version has no such model.
  public init?(_ snapshot: Snapshot, model: String) throws(QueryError) {
    name = TableName(.model, model)
    let name = name
    guard snapshot.spec(name) != nil,
      let reader = try QueryError.passing({ () throws(StoreError) in try BlobReader(snapshot, name) }),
      !reader.names().isEmpty
    else { return nil }
    self.reader = reader
  }

  public func bytes(_ blob: String) throws(QueryError) -> [UInt8]? {
    try QueryError.passing { () throws(StoreError) in try reader.blob(named: blob) }
  }

  public func required(_ blob: String) throws(QueryError) -> [UInt8] {
    guard let bytes = try bytes(blob) else { throw .query(.badModel, "\(name) has no blob '\(blob)'") }
    return bytes
  }

  public func json<T: Decodable>(_ blob: String, as type: T.Type) throws(QueryError) -> T {
    let bytes = try required(blob)
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
      throw .query(.badModel, "the blob '\(blob)' of \(name) cannot be read: \(error)")
    }
  }

  public func definition() throws(QueryError) -> ModelDefinition { try json("definition", as: ModelDefinition.self) }

  /// The effective config's YAML.
  public func config() throws(QueryError) -> String { String(decoding: try required("config"), as: UTF8.self) }

  /// Names and shapes of the dense tensors, batch norm's running statistics among them.
  public func tensors() throws(QueryError) -> [TensorEntry] { try json("tensors", as: [TensorEntry].self) }

  /// The elements of a dense tensor, the last axis running fastest.
  public func tensor(_ entry: TensorEntry) throws(QueryError) -> [Float] {
    try floats("tensor/\(entry.name)", count: entry.shape.reduce(1, *))
  }

  public func floats(_ blob: String, count: Int) throws(QueryError) -> [Float] {
    let bytes = try required(blob)
    guard bytes.count == count * 4 else {
      throw .query(.badModel, "the blob '\(blob)' of \(name) has \(bytes.count) bytes, expected \(count * 4)")
    }
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self).littleEndian) }
    }
  }

  public func decayLog(space: String) throws(QueryError) -> Double? {
    try number("decay/\(space)").map { Double(bitPattern: $0) }
  }

  /// How often training has seen the space's most frequent ID; only where rates go by frequency.
  public func mostOccurrences(space: String) throws(QueryError) -> UInt64? {
    try number("most_occurrences/\(space)")
  }

  private func number(_ blob: String) throws(QueryError) -> UInt64? {
    guard let bytes = try bytes(blob) else { return nil }
    guard bytes.count == 8 else {
      throw .query(.badModel, "the blob '\(blob)' of \(name) has \(bytes.count) bytes, expected 8")
    }
    return bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).littleEndian }
  }
}
