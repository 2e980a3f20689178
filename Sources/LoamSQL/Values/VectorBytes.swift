import LoamQuery

/// Vectors in SQL: BLOBs of f32, little-endian, one element after the other.
enum VectorBytes {
  static func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
  }

  static func bytes(_ floats: [Float]) -> [UInt8] {
    floats.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
  }

  /// In double precision, as `loam similar` computes them. Both have as many elements.
  static func similarity(_ similarity: Similarity, _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Double {
    var (product, squareA, squareB, distance) = (0.0, 0.0, 0.0, 0.0)
    for offset in stride(from: 0, to: a.count, by: 4) {
      let x = Double(a.loadUnaligned(fromByteOffset: offset, as: Float.self))
      let y = Double(b.loadUnaligned(fromByteOffset: offset, as: Float.self))
      product += x * y
      squareA += x * x
      squareB += y * y
      distance += (x - y) * (x - y)
    }
    switch similarity {
    case .cosine: return squareA > 0 && squareB > 0 ? product / (squareA * squareB).squareRoot() : 0
    case .dot: return product
    case .l2: return distance.squareRoot()
    }
  }

  static func norm(_ floats: UnsafeMutableBufferPointer<Float>) -> Double {
    floats.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
