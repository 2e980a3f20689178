/// How near two vectors are.
public enum Similarity: String, Sendable, CaseIterable, Codable {
  /// a · b / (|a| |b|), 0 where one of them is zero: from -1 to 1.
  case cosine
  /// a · b.
  case dot
  /// |a - b|: the nearest has the smallest.
  case l2

  /// The value that is shown, in double precision.
  func value(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
    var (product, squareA, squareB, distance) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let (x, y) = (Double(x), Double(y))
      product += x * y
      squareA += x * x
      squareB += y * y
      distance += (x - y) * (x - y)
    }
    switch self {
    case .cosine: return squareA > 0 && squareB > 0 ? Float(product / (squareA * squareB).squareRoot()) : 0
    case .dot: return Float(product)
    case .l2: return Float(distance.squareRoot())
    }
  }

  func isNearer(_ a: Float, than b: Float) -> Bool { self == .l2 ? a < b : a > b }
}
