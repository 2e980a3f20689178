import LoamKernels
import LoamSchema

/// The row that an ID has in a column before anything was written to it: a pure function, so that it is not stored.
///
/// ```
///   stream = mix64(seed + XXH3-64("kind:table" 0x00 "column"))
///   row    = mix64(stream ^ mix64(ID + (generation + 1) golden))
///   bits e = mix64(row + (e + 1) golden)                          golden = 0x9E3779B97F4A7C15
///   u      = (bits >> 11 + 1/2) / 2^53                            in (0, 1)
///   value  = (2u - 1) bound  |  quantile(u) deviation             in Double, then rounded to the column's type
/// ```
struct InitialRow {
  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  private enum Distribution {
    case zero, uniform, normal
  }
  private let distribution: Distribution
  private let scale: Double
  private let stream: UInt64
  private let generationOffset: UInt64
  private let type: DataType
  private let width: Int
  private let stride: Int

  init(_ column: ColumnSpec, table: TableName, generation: UInt32) throws(StoreError) {
    let seed: UInt64
    switch column.initial {
    case .zero: (distribution, scale, seed) = (.zero, 0, 0)
    case .uniform(let bound, let value): (distribution, scale, seed) = (.uniform, Double(bound), value)
    case .normal(let deviation, let value): (distribution, scale, seed) = (.normal, Double(deviation), value)
    }
    if distribution != .zero {
      switch column.type {
      case .f32, .f16, .bf16, .f64: break
      default:
        throw StoreError(
          .mismatch, "column \(column.name) of \(table) is \(column.type): random initial values need real numbers")
      }
    }
    stream = loam_mix64(seed &+ RowHash.salt("\(table)\0\(column.name)"))
    generationOffset = (UInt64(generation) &+ 1) &* Self.golden
    (type, width, stride) = (column.type, column.width, column.stride)
  }

  /// The initial row of every ID is zeros.
  var isZero: Bool { distribution == .zero }

  /// Writes the row: `stride` bytes.
  func write(_ id: ID, to row: UnsafeMutableRawPointer) {
    guard distribution != .zero else {
      row.initializeMemory(as: UInt8.self, repeating: 0, count: stride)
      return
    }
    let key = rowKey(id)
    for element in 0..<width { store(value(key, element), element, row) }
  }

  /// Whether the row at `row` is the initial one. Decided by the first element as a rule.
  func equals(_ id: ID, _ row: UnsafeRawPointer) -> Bool {
    if distribution == .zero { return isZero(row) }
    let key = rowKey(id)
    return mayEqual(key, row) && isWritten(key, row)
  }

  private func isWritten(_ key: UInt64, _ row: UnsafeRawPointer) -> Bool {
    let size = type.size
    var bits: UInt64 = 0
    return withUnsafeMutableBytes(of: &bits) { one in
      for element in 0..<width {
        store(value(key, element), 0, one.baseAddress!)
        for byte in 0..<size where one[byte] != row.load(fromByteOffset: element * size + byte, as: UInt8.self) {
          return false
        }
      }
      return true
    }
  }

  private func isZero(_ row: UnsafeRawPointer) -> Bool {
    if stride >= 8, row.loadUnaligned(as: UInt64.self) != 0 { return false }
    return UnsafeRawBufferPointer(start: row, count: stride).allSatisfy { $0 == 0 }
  }

  /// Bounds of the first element from eight of its random bits, without the quantile itself: they tell nearly every row
  /// that was ever written from its initial one.
  @inline(__always)
  private func mayEqual(_ key: UInt64, _ row: UnsafeRawPointer) -> Bool {
    guard let bounds else { return true }
    let part = Int(loam_mix64(key &+ Self.golden) >> 56)
    let element = Double(row.loadUnaligned(as: Float.self))
    // Far above the rounding of the quantile and of the element to f32.
    let tolerance = abs(element) * 1e-5 + 1e-40
    return bounds[part] * scale <= element + tolerance && element - tolerance <= bounds[part + 1] * scale
  }

  /// Of the first element, a share of `scale`, by its eight top bits. `nil`: nothing is known.
  private var bounds: UnsafePointer<Double>? {
    guard type == .f32, scale > 0 else { return nil }
    switch distribution {
    case .zero: return nil
    case .uniform: return Self.uniformBounds
    case .normal: return Self.normalBounds
    }
  }

  // Written once, and never freed.
  nonisolated(unsafe) private static let normalBounds = bounds { part in
    part == 0 ? -.infinity : part == 256 ? .infinity : NormalQuantile.value(Double(part) / 256)
  }
  nonisolated(unsafe) private static let uniformBounds = bounds { part in Double(part) / 128 - 1 }

  private static func bounds(_ bound: (Int) -> Double) -> UnsafePointer<Double> {
    let bounds = UnsafeMutablePointer<Double>.allocate(capacity: 257)
    for part in 0...256 { (bounds + part).initialize(to: bound(part)) }
    return UnsafePointer(bounds)
  }

  /// For the kernel that hashes changed rows, which asks for each of them.
  var kernel: loam_initial_rows {
    loam_initial_rows(
      areZeros: isZero ? 1 : 0, bounds: bounds, scale: scale, stream: stream, generationOffset: generationOffset)
  }

  /// What the elements of an ID's row are drawn from.
  @inline(__always)
  private func rowKey(_ id: ID) -> UInt64 { loam_mix64(stream ^ loam_mix64(id &+ generationOffset)) }

  @inline(__always)
  private func value(_ key: UInt64, _ element: Int) -> Double {
    let bits = loam_mix64(key &+ (UInt64(element) &+ 1) &* Self.golden)
    let u = (Double(bits >> 11) + 0.5) * 0x1p-53
    return (distribution == .uniform ? 2 * u - 1 : NormalQuantile.value(u)) * scale
  }

  @inline(__always)
  private func store(_ value: Double, _ element: Int, _ row: UnsafeMutableRawPointer) {
    switch type {
    case .f64: row.storeBytes(of: value, toByteOffset: element * 8, as: Double.self)
    case .f16: row.storeBytes(of: HalfPrecision.f16(Float(value)), toByteOffset: element * 2, as: UInt16.self)
    case .bf16: row.storeBytes(of: HalfPrecision.bf16(Float(value)), toByteOffset: element * 2, as: UInt16.self)
    default: row.storeBytes(of: Float(value), toByteOffset: element * 4, as: Float.self)
    }
  }
}
