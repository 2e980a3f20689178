import LoamSchema

/// Where each feature lies in a row of answers, one after the other without gaps.
public struct ViewLayout: Sendable, Equatable {
  public enum Element: Sendable, Equatable {
    /// f32; NaN: missing.
    case real
    /// u64; `ID.missing`: missing, or no such event. `space`: where its string is found.
    case id(space: String)
    /// i64.
    case number

    public var bytes: Int { self == .real ? 4 : 8 }
  }

  public struct Column: Sendable, Equatable {
    public var name: String
    public var element: Element
    /// `nil`: one element; else the row holds so many.
    public var count: Int?
    public var offset: Int

    public var elements: Int { count ?? 1 }
    public var bytes: Int { elements * element.bytes }
  }
  public private(set) var columns: [Column] = []
  public private(set) var rowBytes = 0

  public init() {}

  mutating func add(_ name: String, _ element: Element, count: Int?) {
    let column = Column(name: name, element: element, count: count, offset: rowBytes)
    columns.append(column)
    rowBytes += column.bytes
  }
}
