import LoamSchema

/// The answer to one request.
public struct ViewRow: Sendable, Equatable {
  public enum Values: Sendable, Equatable {
    case real([Float])
    case ids([ID])
    case numbers([Int64])
  }
  public let layout: ViewLayout
  public let bytes: [UInt8]

  public init(layout: ViewLayout, bytes: [UInt8]) { (self.layout, self.bytes) = (layout, bytes) }

  /// The values of a feature; `nil`: the view has none of that name.
  public func values(_ name: String) -> Values? {
    layout.columns.first { $0.name == name }.map { column in bytes.withUnsafeBytes { Self.values(column, $0) } }
  }

  /// The values of a column in a row's bytes.
  public static func values(_ column: ViewLayout.Column, _ row: UnsafeRawBufferPointer) -> Values {
    func each<T: BitwiseCopyable>(_ type: T.Type) -> [T] {
      (0..<column.elements).map {
        row.loadUnaligned(fromByteOffset: column.offset + $0 * MemoryLayout<T>.size, as: type)
      }
    }
    switch column.element {
    case .real: return .real(each(Float.self))
    case .id: return .ids(each(ID.self))
    case .number: return .numbers(each(Int64.self))
    }
  }
}
