/// What a pack is to hold: names and sizes, known before its first row is written.
public struct PackContent: Sendable {
  public struct Column: Sendable {
    public var name: String
    public var type: PackType
    public var width: Int
    public init(_ name: String, _ type: PackType, width: Int) {
      (self.name, self.type, self.width) = (name, type, width)
    }
  }
  public struct Table: Sendable {
    public var name: String
    public var rows: Int
    public var columns: [Column]
    public init(_ name: String, rows: Int, columns: [Column]) {
      (self.name, self.rows, self.columns) = (name, rows, columns)
    }
  }
  public struct Tensor: Sendable {
    public var name: String
    /// At most four axes.
    public var shape: [Int]
    public init(_ name: String, shape: [Int]) { (self.name, self.shape) = (name, shape) }
    public var count: Int { shape.reduce(1, *) }
  }
  public struct Blob: Sendable {
    public var name: String
    public var bytes: [UInt8]
    public init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
  }
  public var tables: [Table]
  public var tensors: [Tensor]
  public var blobs: [Blob]

  public init(tables: [Table], tensors: [Tensor] = [], blobs: [Blob] = []) {
    (self.tables, self.tensors, self.blobs) = (tables, tensors, blobs)
  }
}
