import LoamSchema

/// How large a count-min sketch is, and what its estimates are worth.
///
/// The estimate of an ID is never below its count, until a counter reaches 2^32 - 1. It is above the count by more than
/// `epsilon` times all occurrences with a chance of at most `delta` (Cormode and Muthukrishnan 2005, An improved data
/// stream summary, theorem 1: e / epsilon counters in each of ln(1 / delta) rows). Updates are conservative (Estan and
/// Varghese 2002): only the smallest counters of an ID are raised, which makes estimates smaller and none too small.
public struct CountMinShape: Sendable, Equatable {
  public let epsilon: Double
  public let delta: Double
  /// Counters of a row.
  public let width: Int
  /// Rows.
  public let depth: Int

  /// 4 bytes each.
  public static let countersMax = 1 << 28
  /// What `epsilon` and `delta` may be.
  public static let epsilons = 1e-8...0.1
  public static let deltas = 1e-9...0.5

  /// Throws `notAllowed` outside of these bounds.
  public init(epsilon: Double, delta: Double) throws(StoreError) {
    guard Self.epsilons.contains(epsilon), Self.deltas.contains(delta) else {
      throw StoreError(
        .notAllowed, "a count-min sketch of epsilon \(epsilon) and delta \(delta)",
        hint: "epsilon is \(Self.epsilons.lowerBound) to 0.1, delta \(Self.deltas.lowerBound) to 0.5.")
    }
    (self.epsilon, self.delta) = (epsilon, delta)
    width = Int((2.718281828459045 / epsilon).rounded(.up))
    depth = Self.rows(delta)
    guard width * depth <= Self.countersMax else {
      throw StoreError(
        .notAllowed,
        "a count-min sketch of epsilon \(epsilon) and delta \(delta) has \(depth) rows of \(width) counters, at most "
          + "\(Self.countersMax) in all",
        hint: "Choose a larger epsilon.")
    }
  }

  /// ceil(ln(1 / delta)), without a logarithm that differs from system to system.
  private static func rows(_ delta: Double) -> Int {
    var (rows, chance) = (0, 1.0)
    while chance > delta {
      chance /= 2.718281828459045
      rows += 1
    }
    return rows
  }

  public var bytes: Int { width * depth * MemoryLayout<UInt32>.size }

  /// By how much an estimate is too high at most, for all but a share `delta` of IDs.
  public func bound(total: UInt64) -> UInt64 { UInt64((epsilon * Double(total)).rounded(.down)) }
}

/// The table `sketch:SPACE/LOG`.
///
/// ```
///   row r << 40 | l    counters 16 l ..< 16 l + 16 of row r of the sketch; absent: zeros
///   row 1 << 56        `CountMinHead`, in the first counters
/// ```
extension TableSpec {
  static let countersPerLine = 16

  public static func sketch(space: String, log: String) -> TableSpec {
    TableSpec(
      TableName(.sketch, "\(space)/\(log)"), columns: [ColumnSpec("counters", .u32, width: countersPerLine)])
  }
}

/// What a sketch says of itself, in a row of its own.
struct CountMinHead {
  static let row: ID = 1 << 56
  /// Occurrences counted.
  var total: UInt64
  var epsilon: Double
  var delta: Double

  init(_ shape: CountMinShape) { (total, epsilon, delta) = (0, shape.epsilon, shape.delta) }

  init(_ line: UnsafeRawPointer) {
    func number(_ place: Int) -> UInt64 {
      UInt64(littleEndian: line.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self))
    }
    (total, epsilon, delta) = (number(0), Double(bitPattern: number(1)), Double(bitPattern: number(2)))
  }

  func write(to line: UnsafeMutableRawPointer) {
    for (place, number) in [total, epsilon.bitPattern, delta.bitPattern].enumerated() {
      line.storeBytes(of: number.littleEndian, toByteOffset: 8 * place, as: UInt64.self)
    }
  }

  /// Throws `badBlock` where the row holds no sketch's.
  func shape(of name: TableName) throws(StoreError) -> CountMinShape {
    do { return try CountMinShape(epsilon: epsilon, delta: delta) } catch {
      throw StoreError(.badBlock, "\(name): the sketch says of itself that it is \(error.message)")
    }
  }
}
