import LoamKernels
import LoamSchema
import LoamStore

/// The vectors of a table in 8 bits an element, held in memory: a first pass over them reads a quarter of the bytes.
///
/// ```
///   vector = scale x codes + rest        |rest| is kept, so that a product of codes bounds that of the vectors:
///   |q . v - q' . v'| <= |q - q'| |v'| + |q| |rest|
/// ```
///
/// `nearest` keeps every row whose bound reaches the k-th best lower bound, which the k nearest rows cannot miss, and
/// ranks those by their vectors: the answer is exact. For processes that ask one query after the other; a batch of
/// queries is answered faster by `EmbeddingReader.nearest` itself.
///
/// ```swift
/// let codes = try NearestCodes(items)
/// let best = try codes.nearest(to: vector, count: 10)
/// ```
///
/// Takes `dimension + 16` bytes a row, and reads the table once when it is made. May be used from several threads.
public final class NearestCodes: @unchecked Sendable {
  // Nothing changes after `init`.
  static let together = Int(LOAM_CODES_TOGETHER)
  private static let codeMax: Float = 127
  private static let rowsRead = 8_192

  public let reader: EmbeddingReader
  let dimension: Int
  /// By shard the first of its groups of rows, and behind the last the number of all.
  let firstGroups: [Int]
  /// `[groups, dimension, rows of a group]`
  let codes: UnsafeMutablePointer<Int8>
  /// Of each row: its scale, length, inverse length (0 for zeros), and the length of what its codes leave out, infinity
  /// below zero where the slot has no ID.
  let scales: UnsafeMutablePointer<Float>
  let lengths: UnsafeMutablePointer<Float>
  let inverses: UnsafeMutablePointer<Float>
  let errors: UnsafeMutablePointer<Float>

  /// Throws `unknownTable` for a table without vectors.
  public init(_ reader: EmbeddingReader) throws(QueryError) {
    guard reader.dimension > 0 else {
      throw .query(.unknownTable, "\(reader.table.spec.name) has no column 'vector'")
    }
    self.reader = reader
    dimension = reader.dimension
    var firstGroups = [0]
    for shard in 0..<reader.table.shardCount {
      let slots = Int(reader.table.slots(shard: shard).upperBound)
      firstGroups.append(firstGroups[shard] + (slots + Self.together - 1) / Self.together)
    }
    self.firstGroups = firstGroups
    let rows = firstGroups.last! * Self.together
    codes = .allocate(capacity: max(rows * dimension, 1))
    codes.initialize(repeating: 0, count: rows * dimension)
    func floats(_ value: Float) -> UnsafeMutablePointer<Float> {
      let start = UnsafeMutablePointer<Float>.allocate(capacity: max(rows, 1))
      start.initialize(repeating: value, count: rows)
      return start
    }
    (scales, lengths, inverses, errors) = (floats(0), floats(0), floats(1), floats(-.infinity))
    for shard in 0..<reader.table.shardCount { try encode(shard: shard) }
  }

  deinit {
    codes.deallocate()
    for pointer in [scales, lengths, inverses, errors] { pointer.deallocate() }
  }

  private func encode(shard: Int) throws(QueryError) {
    let slots = reader.table.slots(shard: shard)
    var first = slots.lowerBound
    while first < slots.upperBound {
      let end = min(slots.upperBound, first + UInt32(Self.rowsRead))
      let rows = try QueryError.passing { () throws(StoreError) in
        try (first..<end).map { RowReference(shard: shard, slot: $0) }.filterInUse(reader.table)
      }
      let values = try reader.values("vector", rows)
      values.withUnsafeBufferPointer { values in
        for (place, row) in rows.enumerated() {
          let vector = UnsafeBufferPointer(rebasing: values[place * dimension..<(place + 1) * dimension])
          encode(vector, row: firstGroups[shard] * Self.together + Int(row.slot))
        }
      }
      first = end
    }
  }

  private func encode(_ vector: UnsafeBufferPointer<Float>, row: Int) {
    let code = CodedVector(vector, codeMax: Self.codeMax)
    let start = codes + row / Self.together * dimension * Self.together + row % Self.together
    for element in 0..<dimension { start[element * Self.together] = code.codes[element] }
    scales[row] = code.scale
    lengths[row] = code.length
    inverses[row] = code.length > 0 ? 1 / code.length : 0
    errors[row] = code.error
  }

  /// The row at a place of the arrays.
  func reference(_ row: Int) -> RowReference {
    let group = row / Self.together
    let shard = firstGroups.lastIndex { $0 <= group }!
    return RowReference(shard: shard, slot: UInt32(row - firstGroups[shard] * Self.together))
  }
}

/// A vector in 8 bits an element.
struct CodedVector {
  var codes: [Int8]
  var scale: Float
  /// Euclidean lengths, rounded up: of the vector, and of what the codes leave out.
  var length: Float
  var error: Float

  init(_ vector: UnsafeBufferPointer<Float>, codeMax: Float = 127) {
    let largest = vector.reduce(Float(0)) { max($0, abs($1)) }
    scale = largest > 0 && largest.isFinite ? largest / codeMax : 0
    let inverse = scale > 0 ? 1 / Double(scale) : 0
    var (square, rest) = (0.0, 0.0)
    codes = []
    codes.reserveCapacity(vector.count)
    for element in vector {
      let code = (Double(element) * inverse).rounded()
      let kept = max(-127, min(127, code.isFinite ? code : 0))
      codes.append(Int8(kept))
      let left = Double(element) - kept * Double(scale)
      square += Double(element) * Double(element)
      rest += left * left
    }
    // Zeros stay zeros: their inverse length is 0 by definition.
    length = square > 0 ? Float(square.squareRoot()).nextUp : 0
    error = rest > 0 ? Float(rest.squareRoot()).nextUp : 0
  }
}

extension [RowReference] {
  fileprivate func filterInUse(_ table: IDTableReader) throws(StoreError) -> [RowReference] {
    var used: [RowReference] = []
    used.reserveCapacity(count)
    for row in self { if try table.idInUse(row) != nil { used.append(row) } }
    return used
  }
}
