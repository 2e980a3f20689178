/// The lengths of a tensor's axes, outermost first: one to four of them.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// How many axes.
  public let rank: Int
  private let lengths: SIMD4<Int>

  public init(_ a: Int) { self.init(rank: 1, SIMD4(a, 1, 1, 1)) }
  public init(_ a: Int, _ b: Int) { self.init(rank: 2, SIMD4(a, b, 1, 1)) }
  public init(_ a: Int, _ b: Int, _ c: Int) { self.init(rank: 3, SIMD4(a, b, c, 1)) }
  public init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) { self.init(rank: 4, SIMD4(a, b, c, d)) }

  public init(_ axes: [Int]) {
    precondition((1...4).contains(axes.count), "a shape has 1 to 4 axes, found \(axes.count)")
    var lengths = SIMD4<Int>(repeating: 1)
    for (axis, length) in axes.enumerated() { lengths[axis] = length }
    self.init(rank: axes.count, lengths)
  }

  private init(rank: Int, _ lengths: SIMD4<Int>) {
    precondition(lengths.min() > 0, "an axis is empty: \(lengths)")
    self.rank = rank
    self.lengths = lengths
  }

  public subscript(axis: Int) -> Int {
    precondition(axis >= 0 && axis < rank, "axis \(axis) of \(self)")
    return lengths[axis]
  }

  /// Elements.
  public var count: Int { lengths[0] * lengths[1] * lengths[2] * lengths[3] }
  /// The innermost axis: neighbours in memory.
  public var columns: Int { lengths[rank - 1] }
  /// All other axes together.
  public var rows: Int { count / columns }
  public var axes: [Int] { (0..<rank).map { lengths[$0] } }

  /// The shape without one axis; a single axis becomes `[1]`.
  func removing(axis: Int) -> Shape {
    if rank == 1 { return Shape(1) }
    var rest = SIMD4<Int>(repeating: 1), at = 0
    for other in 0..<rank where other != axis {
      rest[at] = lengths[other]
      at += 1
    }
    return Shape(rank: rank - 1, rest)
  }

  /// The shape with another innermost axis.
  func replacingColumns(_ columns: Int) -> Shape {
    var changed = lengths
    changed[rank - 1] = columns
    return Shape(rank: rank, changed)
  }

  public var description: String { "[\(axes.map(String.init).joined(separator: ", "))]" }

  /// `[batch 4096, inner 400]`, for messages.
  func named(_ names: String...) -> String {
    guard names.count == rank else { return "\(self) where [\(names.joined(separator: ", "))] was expected" }
    return "[\(zip(names, axes).map { "\($0) \($1)" }.joined(separator: ", "))]"
  }
}
